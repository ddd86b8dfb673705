import type { Ticket } from "../../../protocol/index.ts";
import { MetadataService } from "./metadata-service.ts";
import { seededBytes } from "./parts.ts";
import { Registry } from "./registry.ts";
import { type Received, type Reply, type Server, serve } from "./server.ts";

const GONE = { status: 400, body: '{"__type":"ResourceNotFoundException","message":"there is no such table"}' };

/** All that an agent as a process talks to, on one port: metadata, registration, Timestream and DynamoDB. */
export class FakeAws {
  readonly metadata = new MetadataService();
  readonly registry = new Registry(seededBytes("control plane"));
  /** The bodies of the calls that wrote samples, in order. */
  readonly written: Record<string, unknown>[] = [];
  /** The tickets that lie there, for one fetch after the other; the last one stays. */
  tickets: Ticket[] = [];
  /** The bodies of the calls that fetched one. */
  readonly fetched: Record<string, unknown>[] = [];
  /** While set, no ticket is read: AWS says this. */
  ticketError: string | undefined;
  /** While true, samples are answered by HTTP 500. */
  seriesDown = false;
  /** The access key ID whose samples are refused. */
  seriesRefuses: string | undefined;
  /** Names of tables that there are no more. */
  readonly tablesGone = new Set<string>();
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = await serve((request) => this.#handle(request));
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  get endpoint(): URL {
    if (this.#server === undefined) throw new Error("the fake is not started");
    return this.#server.url;
  }

  /** What an agent's process needs in its environment to find this. */
  environment(folder: string): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      KEYTURN_CONFIG: "/dev/null",
      KEYTURN_REGISTRATION_URL: new URL("/_function-url/registration/", this.endpoint).href,
      KEYTURN_STATE_DIR: `${folder}/state`,
      KEYTURN_HOOKS_DIR: `${folder}/hooks.d`,
      KEYTURN_TIMESTREAM_DATABASE: "keyturn",
      KEYTURN_TIMESTREAM_TABLE: "samples",
      KEYTURN_TICKET_TABLE: "tickets",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: this.endpoint.origin,
      AWS_ENDPOINT_URL: this.endpoint.origin,
    };
  }

  #handle(request: Received): Reply {
    if (request.path.startsWith("/latest/")) return this.metadata.handle(request);
    if (request.path === "/_function-url/registration/") return this.registry.handle(request);
    if (request.headers["x-amz-target"] === "DynamoDB_20120810.GetItem") return this.#ticket(request);
    if (this.seriesDown) return { status: 500, body: '{"__type":"InternalServerException","message":"down"}' };
    if (this.seriesRefuses !== undefined && request.headers.authorization?.includes(this.seriesRefuses)) {
      return { status: 400, body: '{"__type":"AccessDeniedException","message":"not authorized to write samples"}' };
    }
    switch (String(request.headers["x-amz-target"])) {
      case "Timestream_20181101.DescribeEndpoints":
        return { status: 200, body: '{"Endpoints":[{"Address":"127.0.0.1","CachePeriodInMinutes":60}]}' };
      case "Timestream_20181101.WriteRecords":
        if (this.#isGone(request)) return GONE;
        this.written.push(JSON.parse(request.body));
        return { status: 200, body: '{"RecordsIngested":{"Total":1,"MemoryStore":1,"MagneticStore":0}}' };
      case "DynamoDB_20120810.PutItem":
        if (this.#isGone(request)) return GONE;
        this.written.push(JSON.parse(request.body));
        return { status: 200, body: "{}" };
      default:
        return { status: 400, body: '{"__type":"UnknownOperationException","message":"not in this fake"}' };
    }
  }

  #isGone({ body }: Received): boolean {
    return this.tablesGone.has(JSON.parse(body).TableName);
  }

  #ticket(request: Received): Reply {
    this.fetched.push(JSON.parse(request.body));
    if (this.ticketError !== undefined) {
      return { status: 400, body: JSON.stringify({ __type: this.ticketError, message: "It says why." }) };
    }
    const ticket = this.tickets.length > 1 ? this.tickets.shift() : this.tickets[0];
    if (ticket === undefined) return { status: 200, body: "{}" };
    const { id, generation, nonce, proof } = ticket;
    const Item = { id: { S: id }, generation: { N: String(generation) }, nonce: { S: nonce }, proof: { S: proof } };
    return { status: 200, body: JSON.stringify({ Item }) };
  }
}
