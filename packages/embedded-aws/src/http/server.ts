import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { uuid } from "../uuid.ts";
import { Dispatcher, type DispatcherOptions } from "./dispatcher.ts";
import { readRequest } from "./request.ts";

/** Longer than clients keep idle connections, so that it is they who close them and no request meets a closing one. */
const KEEP_ALIVE_MS = 75_000;
/** How long calls under way may take once the server is to close. */
const CLOSING_MS = 1_000;

/** A server that answers as AWS. */
export interface AwsServer {
  /** `http://127.0.0.1:port` */
  endpoint: string;
  port: number;
  /** Takes no more calls, waits a second for those under way, and cuts off the rest. */
  close(): Promise<void>;
}

/**
 * Starts the embedded AWS on 127.0.0.1.
 *
 * @param options `port` 0 takes any free one
 * @throws Error with the code of the system (EADDRINUSE, EACCES) and one sentence when the port cannot be had
 */
export async function startServer(options: DispatcherOptions & { port: number }): Promise<AwsServer> {
  const dispatcher = new Dispatcher(options);
  const { clock } = options.parts;
  const underWay = new Set<Promise<void>>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    const answered = answer(dispatcher, options, message, response).finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
  const port = await listen(server, options.port);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const inTime = Promise.all(underWay);
      let forget = () => {};
      const timeUp = new Promise<void>((resolve) => {
        forget = clock.after(CLOSING_MS, resolve);
      });
      await Promise.race([inTime, timeUp]);
      forget();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `Port ${port} on 127.0.0.1 is in use by another program.`
          : `Port ${port} on 127.0.0.1 cannot be opened: ${error.message}.`;
      reject(Object.assign(new Error(why, { cause: error }), { code: error.code }));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("The server has no port."));
      else resolve(address.port);
    });
  });
}

async function answer(
  dispatcher: Dispatcher,
  { parts }: DispatcherOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let read: Awaited<ReturnType<typeof readRequest>>;
  try {
    read = await readRequest(message);
  } catch {
    // The client went away before it had said what it wanted, or never stops: nobody is left to be told.
    message.destroy();
    return;
  }
  const requestId = uuid(parts.random);
  const reply = read.tooLarge
    ? dispatcher.refuseTooLarge(read.request, requestId)
    : await dispatcher.answer(read.request, requestId);
  if (reply === undefined) {
    response.destroy();
    return;
  }
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    "x-amzn-requestid": requestId,
    // Clients correct their own clocks by this one.
    date: new Date(parts.clock.now()).toUTCString(),
    ...reply.headers,
    "content-length": body.length,
  });
  response.end(read.request.method === "HEAD" ? undefined : body);
}
