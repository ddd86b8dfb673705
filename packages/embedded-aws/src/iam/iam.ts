import type { Credentials } from "../http/credentials.ts";
import type { SignedCall } from "../http/dispatcher.ts";
import { Refusal } from "../http/refusals.ts";
import { AwsError, type CallContext, type Principal, type Question, type Service } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { REGION } from "../place.ts";
import { INPUTS, pageOf, read } from "./inputs.ts";
import { newKeyId } from "./key-id.ts";
import { managedPolicy, managedPolicyName } from "./managed-policies.ts";
import type { Rights } from "./rights.ts";
import { compileUserPolicy, percentEncoded } from "./user-policy.ts";
import { type User, type UserKey, UserStore, userArn } from "./user-store.ts";

const MOST_KEYS = 2;

/** What a right may depend on. */
interface IamCall {
  UserName?: string;
  AccessKeyId?: string;
}

/** IAM's users: their access keys, and the policies to which they are held. Roles are put by whoever starts this AWS. */
export class Iam {
  readonly service: Service;
  readonly #parts: Parts;
  readonly #credentials: Credentials;
  readonly #rights: Rights;
  readonly #users: UserStore;

  constructor(parts: Parts, { credentials, rights }: { credentials: Credentials; rights: Rights }) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#rights = rights;
    this.#users = new UserStore(parts);
    for (const name of this.#users.names()) this.#hold(name);
    this.service = {
      signingName: "iam",
      protocol: { kind: "query", xmlns: "https://iam.amazonaws.com/doc/2010-05-08/" },
      operations: {
        CreateUser: (input: unknown) => this.#change(() => this.#createUser(input)),
        GetUser: (input: unknown, { principal }: CallContext) => this.#getUser(input, principal),
        DeleteUser: (input: unknown) => this.#change(() => this.#deleteUser(input)),
        CreateAccessKey: (input: unknown, { principal }: CallContext) =>
          this.#change(() => this.#createKey(input, principal)),
        ListAccessKeys: (input: unknown, { principal }: CallContext) => this.#listKeys(input, principal),
        UpdateAccessKey: (input: unknown, { principal }: CallContext) =>
          this.#change(() => this.#updateKey(input, principal)),
        DeleteAccessKey: (input: unknown, { principal }: CallContext) =>
          this.#change(() => this.#deleteKey(input, principal)),
        GetAccessKeyLastUsed: (input: unknown, { principal }: CallContext) => this.#lastUsed(input, principal),
        PutUserPolicy: (input: unknown) => this.#change(() => this.#putPolicy(input)),
        GetUserPolicy: (input: unknown) => this.#getPolicy(input),
        ListUserPolicies: (input: unknown) => this.#listPolicies(input),
        DeleteUserPolicy: (input: unknown) => this.#change(() => this.#deletePolicy(input)),
        AttachUserPolicy: (input: unknown) => this.#change(() => this.#attach(input)),
        ListAttachedUserPolicies: (input: unknown) => this.#listAttached(input),
        DetachUserPolicy: (input: unknown) => this.#change(() => this.#detach(input)),
      },
      needs: (operation, input: IamCall, { principal }) => this.#needs(operation, input, principal),
    };
  }

  /** Notes for what a user's long-term key was used. */
  noteUse({ principal, accessKeyId, service, at }: SignedCall): void {
    if (principal.kind === "user") this.#users.noteUse(accessKeyId, { at, service, region: REGION });
  }

  #needs(operation: string, input: IamCall, principal: Principal): Question[] {
    // What a user draws for himself without a second factor is good for everything but IAM.
    if (principal.kind === "user" && principal.issuedAt !== undefined) {
      throw new Refusal("unknownKey", "The security token included in the request is invalid.");
    }
    const resource = userArn(this.#userAskedFor(operation, input, principal));
    return [{ action: `iam:${operation}`, resource, code: "AccessDenied", status: 403 }];
  }

  #userAskedFor(operation: string, { UserName, AccessKeyId }: IamCall, principal: Principal): string {
    // Of a key that is not there it is not known whose right would be needed: any user's.
    if (operation === "GetAccessKeyLastUsed") return this.#users.findKey(String(AccessKeyId))?.userName ?? "*";
    return nameOr(UserName, principal);
  }

  /** Runs a change so that all of its writes stay, or none. */
  #change<T>(work: () => T): T {
    return this.#parts.store.transaction(work);
  }

  /** Holds a user to his policies as they are now. */
  #hold(name: string): void {
    const inline = this.#users.policiesOf(name).flatMap((policy) => compileUserPolicy(policy.document, policy.name));
    const attached = this.#users.attachedTo(name).flatMap((arn) => managedPolicy(arn) ?? []);
    this.#rights.putUser(userArn(name), [...inline, ...attached]);
  }

  #createUser(input: unknown): unknown {
    const { UserName: name } = read(INPUTS.user, input);
    if (this.#users.find(name) !== undefined) {
      throw new AwsError("EntityAlreadyExists", `User with name ${name} already exists.`, 409);
    }
    const id = `AIDA${newKeyId("AKIA", this.#parts.random).slice(4)}`;
    const user = { name, id, createdAt: this.#parts.clock.now() };
    this.#users.add(user);
    this.#hold(name);
    return { User: described(user) };
  }

  #getUser(input: unknown, principal: Principal): unknown {
    return { User: described(this.#demand(nameOr(read(INPUTS.maybeUser, input).UserName, principal))) };
  }

  #deleteUser(input: unknown): unknown {
    const { name } = this.#demand(read(INPUTS.user, input).UserName);
    const conflict = (what: string) => new AwsError("DeleteConflict", `Cannot delete entity, must ${what} first.`, 409);
    if (this.#users.keysOf(name).length > 0) throw conflict("delete access keys");
    if (this.#users.policiesOf(name).length > 0) throw conflict("delete policies");
    if (this.#users.attachedTo(name).length > 0) throw conflict("detach all policies");
    this.#users.remove(name);
    this.#rights.removeUser(userArn(name));
    this.#credentials.revokeAllOf(userArn(name));
    return {};
  }

  #createKey(input: unknown, principal: Principal): unknown {
    const { name } = this.#demand(nameOr(read(INPUTS.maybeUser, input).UserName, principal));
    if (this.#users.keysOf(name).length >= MOST_KEYS) {
      throw new AwsError("LimitExceeded", `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`, 409);
    }
    const { random, clock } = this.#parts;
    const secretAccessKey = random(30).toString("base64");
    const accessKeyId = newKeyId("AKIA", random);
    const key: UserKey = { accessKeyId, userName: name, secretAccessKey, isActive: true, createdAt: clock.now() };
    this.#users.addKey(key);
    this.#letSign(key);
    return { AccessKey: { ...listed(key), SecretAccessKey: secretAccessKey } };
  }

  #listKeys(input: unknown, principal: Principal): unknown {
    const { UserName, ...asked } = read(INPUTS.keys, input);
    const { name } = this.#demand(nameOr(UserName, principal));
    const { page, ...rest } = pageOf(this.#users.keysOf(name), asked, `keys ${name}`);
    return { AccessKeyMetadata: page.map(listed), ...rest };
  }

  #updateKey(input: unknown, principal: Principal): unknown {
    const { UserName, AccessKeyId, Status } = read(INPUTS.keyStatus, input);
    const key = this.#demandKey(nameOr(UserName, principal), AccessKeyId);
    this.#users.setActive(AccessKeyId, Status === "Active");
    if (Status === "Active") this.#letSign(key);
    else this.#credentials.revoke(AccessKeyId);
    return {};
  }

  #deleteKey(input: unknown, principal: Principal): unknown {
    const { UserName, AccessKeyId } = read(INPUTS.key, input);
    this.#demandKey(nameOr(UserName, principal), AccessKeyId);
    this.#users.removeKey(AccessKeyId);
    this.#credentials.revoke(AccessKeyId);
    return {};
  }

  #lastUsed(input: unknown, principal: Principal): unknown {
    const { AccessKeyId } = read(INPUTS.keyAlone, input);
    const key = this.#users.findKey(AccessKeyId);
    if (key === undefined) {
      // So AWS says of a key that is nobody's here, whatever the caller may.
      const what = `iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`;
      throw new AwsError("AccessDenied", `User: ${principal.arn} is not authorized to perform ${what}`, 403);
    }
    const { userName: UserName, use } = key;
    const LastUsedDate = use && wholeSeconds(use.at);
    const AccessKeyLastUsed = { LastUsedDate, ServiceName: use?.service ?? "N/A", Region: use?.region ?? "N/A" };
    return { UserName, AccessKeyLastUsed };
  }

  #putPolicy(input: unknown): unknown {
    const { UserName, PolicyName, PolicyDocument } = read(INPUTS.policyDocument, input);
    const { name } = this.#demand(UserName);
    compileUserPolicy(PolicyDocument, PolicyName);
    this.#users.putPolicy(name, PolicyName, PolicyDocument);
    this.#hold(name);
    return {};
  }

  #getPolicy(input: unknown): unknown {
    const { UserName, PolicyName } = read(INPUTS.policy, input);
    const { name } = this.#demand(UserName);
    const found = this.#users.policiesOf(name).find((policy) => policy.name === PolicyName);
    if (found === undefined) throw noSuchPolicy(PolicyName);
    return { UserName, PolicyName, PolicyDocument: percentEncoded(found.document) };
  }

  #listPolicies(input: unknown): unknown {
    const { UserName, ...asked } = read(INPUTS.policies, input);
    const { name } = this.#demand(UserName);
    const { page, ...rest } = pageOf(this.#users.policiesOf(name), asked, `policies ${name}`);
    return { PolicyNames: page.map((policy) => policy.name), ...rest };
  }

  #deletePolicy(input: unknown): unknown {
    const { UserName, PolicyName } = read(INPUTS.policy, input);
    const { name } = this.#demand(UserName);
    if (!this.#users.removePolicy(name, PolicyName)) throw noSuchPolicy(PolicyName);
    this.#hold(name);
    return {};
  }

  #attach(input: unknown): unknown {
    const { UserName, PolicyArn } = read(INPUTS.attached, input);
    const { name } = this.#demand(UserName);
    if (managedPolicy(PolicyArn) === undefined) {
      throw noSuchEntity(`Policy ${PolicyArn} does not exist or is not attachable.`);
    }
    this.#users.attach(name, PolicyArn);
    this.#hold(name);
    return {};
  }

  #listAttached(input: unknown): unknown {
    const { UserName, ...asked } = read(INPUTS.policies, input);
    const { name } = this.#demand(UserName);
    const { page, ...rest } = pageOf(this.#users.attachedTo(name), asked, `attached ${name}`);
    const AttachedPolicies = page.map((arn) => ({ PolicyName: managedPolicyName(arn), PolicyArn: arn }));
    return { AttachedPolicies, ...rest };
  }

  #detach(input: unknown): unknown {
    const { UserName, PolicyArn } = read(INPUTS.attached, input);
    const { name } = this.#demand(UserName);
    if (!this.#users.detach(name, PolicyArn)) throw noSuchEntity(`Policy ${PolicyArn} was not found.`);
    this.#hold(name);
    return {};
  }

  #demand(name: string): User {
    const user = this.#users.find(name);
    if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
    return user;
  }

  #demandKey(userName: string, accessKeyId: string): UserKey {
    const { name } = this.#demand(userName);
    const key = this.#users.findKey(accessKeyId);
    if (key?.userName !== name) throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
    return key;
  }

  /** From now on calls may be signed with a key. */
  #letSign({ accessKeyId, secretAccessKey, userName }: UserKey): void {
    const { name, id } = this.#demand(userName);
    const principal: Principal = { kind: "user", arn: userArn(name), userId: id };
    this.#credentials.issue(principal, { temporary: false, accessKeyId, secretAccessKey });
  }
}

/** The user that is named, or else the one who asks. @throws AwsError ValidationError where that is no user */
function nameOr(name: string | undefined, { kind, arn }: Principal): string {
  if (name !== undefined) return name;
  if (kind === "user") return arn.slice(userArn("").length);
  throw new AwsError("ValidationError", "Must specify userName when calling with non-User credentials");
}

function described({ name, id, createdAt }: User): unknown {
  return { Path: "/", UserName: name, UserId: id, Arn: userArn(name), CreateDate: wholeSeconds(createdAt) };
}

function listed({ userName, accessKeyId, isActive, createdAt }: UserKey) {
  const Status = isActive ? "Active" : "Inactive";
  return { UserName: userName, AccessKeyId: accessKeyId, Status, CreateDate: wholeSeconds(createdAt) };
}

function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntity", message, 404);
}

function noSuchPolicy(name: string): AwsError {
  return noSuchEntity(`The user policy with name ${name} cannot be found.`);
}

/** IAM counts time in seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
