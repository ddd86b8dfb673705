import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ask } from "../ask.ts";
import { Prose } from "../parts/prose.tsx";
import { to } from "../places.ts";
import { type ActDocument, type ActName, type ActSaid, actsFor, saidOf } from "./outcome.ts";
import "./acts.css";

const TITLES: Record<ActName, string> = {
  rotate: "Turn now",
  check: "Check now",
  quarantine: "Quarantine",
  release: "Release",
};
const UNDER_WAY: Record<ActName, string> = {
  rotate: "Its key is being turned…",
  check: "It is being checked…",
  quarantine: "It is being put into quarantine…",
  release: "It is being released…",
};

/** What can be done with an instance, or `rotate` of a secret by its name; what came of it stands below. Only where `where.acts`. */
export function Acts({ id, status = "" }: { id: string; status?: string }) {
  const said = useSignal<ActSaid>({ words: "", isBad: false });
  const underWay = useSignal(false);
  const isSecret = status === "";
  const acts: ActName[] = isSecret ? ["rotate"] : actsFor(status);
  // Disabled in fact, they would lose the focus of whoever goes by keyboard.
  const act = async (name: ActName) => {
    if (underWay.value) return;
    underWay.value = true;
    said.value = { words: UNDER_WAY[name], isBad: false };
    said.value = await attempt(name, id);
    underWay.value = false;
  };
  return (
    <div class="acts">
      <div class="buttons">
        {acts.map((name) =>
          name === "quarantine" ? (
            <Quarantine key={name} id={id} underWay={underWay} quarantine={() => act(name)} />
          ) : (
            <button key={name} type="button" aria-disabled={underWay.value} onClick={() => act(name)}>
              {TITLES[name]}
            </button>
          ),
        )}
      </div>
      <p role="status" class={said.value.isBad ? "said bad" : "said"}>
        <Prose text={said.value.words} />{" "}
        {said.value.execution !== undefined && <a href={to("execution", said.value.execution)}>See the execution</a>}
      </p>
    </div>
  );
}

async function attempt(name: ActName, id: string): Promise<ActSaid> {
  try {
    return saidOf(await ask<ActDocument>(`/here/acts/${name}`, { body: { ids: [id] } }));
  } catch (error) {
    return { words: (error as Error).message, isBad: true };
  }
}

/** It asks first: whoever is in quarantine can register nothing. */
function Quarantine({
  id,
  underWay,
  quarantine,
}: {
  id: string;
  underWay: Signal<boolean>;
  quarantine: () => Promise<void>;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        aria-disabled={underWay.value}
        onClick={() => underWay.value || dialog.current?.showModal()}
      >
        {TITLES.quarantine}…
      </button>
      <dialog ref={dialog} aria-labelledby={`quarantine-${id}`}>
        <h2 id={`quarantine-${id}`}>Put {id} into quarantine?</h2>
        <p>Its key is not turned, and it can register nothing, until somebody releases it.</p>
        <div class="buttons">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <button
            type="button"
            class="bad"
            onClick={() => {
              close();
              void quarantine();
            }}
          >
            Quarantine {id}
          </button>
        </div>
      </dialog>
    </>
  );
}
