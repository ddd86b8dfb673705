/** Goes wrong in the way that the event asks for. */
export async function handler(event: { how: string }): Promise<unknown> {
  switch (event.how) {
    case "throws": {
      const error = new Error("the door is locked");
      error.name = "DOOR_LOCKED";
      throw error;
    }
    case "throws text":
      throw "just text";
    case "hangs":
      return new Promise(() => undefined);
    case "loops":
      for (;;);
    case "exits":
      process.exit(3);
      break;
    case "rejects elsewhere":
      void Promise.reject(new Error("nobody waits for this"));
      return new Promise(() => undefined);
    case "throws later":
      setTimeout(() => {
        throw new TypeError("too late");
      }, 1);
      return new Promise(() => undefined);
    case "returns a cycle": {
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      return cycle;
    }
    case "returns nothing":
      return undefined;
    case "returns too much":
      return "x".repeat(6 * 1024 * 1024 + 200);
    case "prints":
      console.log("a line with console.log");
      process.stdout.write("a line on standard output\n");
      console.error("a line with console.error");
      return null;
    default:
      return event;
  }
}
