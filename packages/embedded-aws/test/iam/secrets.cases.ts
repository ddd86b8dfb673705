import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { arnOf, functionArn } from "../../src/index.ts";
import { type Case, via } from "./services.cases.ts";
import { caller, operator, plainKey, plainSecret, sealedSecret, tableKey } from "./services.world.ts";

export const SECRETS_CASES: Case[] = [
  {
    what: "DescribeSecret by name",
    send: () => caller.secrets.send(new DescribeSecretCommand({ SecretId: "plain" })),
    needs: [["secretsmanager:DescribeSecret", () => plainSecret]],
  },
  {
    what: "GetSecretValue of a secret under a key",
    send: () => caller.secrets.send(new GetSecretValueCommand({ SecretId: sealedSecret })),
    needs: [
      ["secretsmanager:GetSecretValue", () => sealedSecret],
      ["kms:Decrypt", () => tableKey, via("secretsmanager")],
    ],
  },
  {
    what: "PutSecretValue of a secret under a key",
    send: () => caller.secrets.send(new PutSecretValueCommand({ SecretId: "sealed", SecretString: "x" })),
    needs: [
      ["secretsmanager:PutSecretValue", () => sealedSecret],
      ["kms:GenerateDataKey", () => tableKey, via("secretsmanager")],
      ["kms:Decrypt", () => tableKey, via("secretsmanager")],
    ],
  },
  {
    what: "UpdateSecret of a description, which needs no key",
    send: () => caller.secrets.send(new UpdateSecretCommand({ SecretId: "sealed", Description: "x" })),
    needs: [["secretsmanager:UpdateSecret", () => sealedSecret]],
  },
  {
    what: "UpdateSecret of a value",
    send: () => caller.secrets.send(new UpdateSecretCommand({ SecretId: "sealed", SecretString: "x" })),
    needs: [
      ["secretsmanager:UpdateSecret", () => sealedSecret],
      ["kms:GenerateDataKey", () => tableKey, via("secretsmanager")],
      ["kms:Encrypt", () => tableKey, via("secretsmanager")],
      ["kms:Decrypt", () => tableKey, via("secretsmanager")],
    ],
  },
  {
    what: "CreateSecret under a key",
    send: async () => {
      const made = { Name: "made", SecretString: "x", KmsKeyId: "alias/plain" };
      await caller.secrets.send(new CreateSecretCommand(made));
      const gone = { SecretId: "made", ForceDeleteWithoutRecovery: true };
      await operator.secrets.send(new DeleteSecretCommand(gone));
    },
    needs: [
      ["secretsmanager:CreateSecret", arnOf("secretsmanager", "secret:made")],
      ["kms:GenerateDataKey", () => plainKey, via("secretsmanager")],
      ["kms:Decrypt", () => plainKey, via("secretsmanager")],
    ],
  },
  {
    what: "RotateSecret",
    send: () => {
      const by = { RotationLambdaARN: functionArn("echo"), RotateImmediately: false };
      return caller.secrets.send(new RotateSecretCommand({ SecretId: "plain", ...by }));
    },
    needs: [
      ["secretsmanager:RotateSecret", () => plainSecret],
      ["lambda:InvokeFunction", functionArn("echo")],
    ],
  },
  {
    what: "ListSecrets",
    send: () => caller.secrets.send(new ListSecretsCommand({})),
    needs: [["secretsmanager:ListSecrets", "*"]],
  },
  {
    what: "GetRandomPassword",
    send: () => caller.secrets.send(new GetRandomPasswordCommand({})),
    needs: [["secretsmanager:GetRandomPassword", "*"]],
  },
];
