import { FakeDatabase } from "../../../consumer/example/database.fake.ts";
import { databaseSuite } from "./database.suite.ts";

databaseSuite(() => {
  const database = new FakeDatabase();
  return {
    database,
    at: { host: "127.0.0.1", port: 5432, database: "orders", tls: "none" },
    setPassword: (user, password) => void database.passwords.set(user, password),
    shut: (user) => void database.shut.add(user),
    applications: () => database.logins.map(({ application }) => application),
    goAway: () => {
      database.away = true;
    },
    close: () => {},
  };
});
