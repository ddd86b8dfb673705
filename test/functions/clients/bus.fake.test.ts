import { fakeBus } from "../../../functions/clients/bus.fake.ts";
import { busSuite } from "./bus.suite.ts";

busSuite(() => {
  const bus = fakeBus();
  return { bus, received: async () => bus.events };
});
