/** A credential and its network, as somebody writes them into cdk.json. */
export const ORDERS = {
  name: "orders/db",
  engine: "postgres",
  hosts: ["orders.cluster-abc123.eu-west-1.rds.amazonaws.com", "orders-2.abc123.eu-west-1.rds.amazonaws.com"],
  port: 5432,
  dbname: "orders",
  owner: "orders",
  users: ["orders_a", "orders_b"],
  manager: { secret: "orders/manager" },
  consumers: [
    { name: "orders-web", seenBy: "proofs" },
    { name: "orders-worker", seenBy: "sessions" },
  ],
  schedule: "rate(30 days)",
  securityGroup: "sg-0123456789abcdef0",
};

/** A manager without a secret. */
export const BY_IAM = { user: "orders_manager", iam: true };

/** Another one, of another server; its secret is there already. */
export const SHOP = {
  ...ORDERS,
  name: "shop/db",
  engine: "mysql",
  hosts: ["shop.example.com"],
  port: 3306,
  dbname: "shop",
  owner: "shop",
  users: ["shop_a", "shop_b"],
  manager: { secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-0a1b-AbCdEf" },
  consumers: [{ name: "shop", seenBy: "sessions" }],
  schedule: "cron(0 4 1 * ? *)",
  quietMinutes: 90,
  deadlineHours: 48,
  securityGroup: "sg-0fedcba9876543210",
  tlsName: "shop.abc123.eu-west-1.rds.amazonaws.com",
  existingSecret: true,
  instancesRead: true,
};

export const NETWORK = {
  vpcId: "vpc-0123456789abcdef0",
  subnets: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  waysOut: "nat",
  routeTables: [],
};

/** Both, with the ways out that the stack makes. */
export const WITH_CREDENTIALS = {
  timeSeries: "dynamodb",
  credentials: [ORDERS, SHOP],
  credentialNetwork: { ...NETWORK, waysOut: "endpoints", routeTables: ["rtb-0123456789abcdef0"] },
};

/** A token of an issuer that honours one of each key at a time, with a consumer that is no instance. */
export const API = {
  kind: "token",
  name: "api/token",
  tokenUrl: "https://login.example.com/oauth2/token",
  revocationUrl: "https://login.example.com/oauth2/revoke",
  probeUrl: "https://api.example.com/v1/me",
  keys: ["api/key-a", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:api/key-b-AbCdEf"],
  tokensPerKey: "one",
  scope: "orders:read orders:write",
  tokenLifetime: "60 days",
  consumers: [
    { name: "web", seenBy: "proofs" },
    { name: "importer", seenBy: "proofs", role: "service/importer" },
  ],
  schedule: "rate(30 days)",
};

/** One that lives too short for Secrets Manager, of an issuer with many tokens of a key and no way to revoke one. */
export const SHORT = {
  kind: "token",
  name: "maps/token",
  tokenUrl: "https://maps.example.com:8443/token",
  revocationUrl: "none",
  probeUrl: "https://maps.example.com:8443/tiles/0/0/0",
  keys: ["maps/key"],
  tokensPerKey: "many",
  tokenLifetime: "2 hours",
  consumers: [{ name: "importer", seenBy: "proofs", role: "arn:aws:iam::111122223333:role/service/importer" }],
  schedule: "half-life",
  quietMinutes: 20,
  instancesRead: true,
};

/** Tokens alone, which need no network. */
export const WITH_TOKENS = { timeSeries: "dynamodb", credentials: [API, SHORT] };
