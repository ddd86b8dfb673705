import { worstFirst } from "../../live.ts";
import { Empty } from "../../parts/text.tsx";
import { Tiles } from "./tiles.tsx";
import "./fleet.css";

export function View() {
  const all = worstFirst.value.filter(({ status }) => status !== "RETIRED");
  return (
    <>
      <h1>Fleet</h1>
      {all.length === 0 ? <Empty>No instance has registered yet.</Empty> : <Tiles rows={all} />}
    </>
  );
}
