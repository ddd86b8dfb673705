import {
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  type GetAccessKeyLastUsedCommandOutput,
  IAMClient,
  LimitExceededException,
  NoSuchEntityException,
  PutUserPolicyCommand,
  paginateListAccessKeys,
  paginateListAttachedUserPolicies,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { GetAccessKeyInfoCommand, STSClient } from "@aws-sdk/client-sts";
import type { Maker } from "../shared/neighbours.ts";
import { type AccessKeys, DENY_SESSIONS_POLICY, type KeyOwner, type LastUse, type ListedKey } from "./access-keys.ts";

/** By which IAM and STS say that a call may not be made. */
const DENIED = ["AccessDenied", "AccessDeniedException"];
/**
 * How IAM's sentence ends where it has no such key in this account, whatever the caller may: `… is not authorized to perform
 * iam:GetAccessKeyLastUsed on resource: access key AKIA…`. Where only the right is missing, it names a user, or says after that
 * what denies it. Its documentation has NoSuchEntity alone.
 */
const OF_NO_KEY = /on resource: access key \w+\.?$/;
/** By which STS says that it knows no such key. */
const UNKNOWN_TO_STS = ["ValidationError", "InvalidClientTokenId", "NoSuchEntity", "NoSuchEntityException"];

/** Access keys in IAM. */
export function iamAccessKeys(clients: { iam: IAMClient; sts: STSClient; account: string }): AccessKeys {
  const { iam, sts, account } = clients;

  /**
   * Whose a key is that IAM says nothing of. STS tells the account of any key, since it stands in the ID; of a deleted one it may
   * also say that there is none.
   * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
   */
  async function whoseElse(AccessKeyId: string, refusal: Error): Promise<KeyOwner> {
    let said: string | undefined;
    try {
      said = (await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;
    } catch (error) {
      if (error instanceof Error && isDenied(error)) throw named(error, "sts:GetAccessKeyInfo", "any key");
      if (!(error instanceof Error && UNKNOWN_TO_STS.includes(error.name))) throw error;
    }
    if (said !== undefined && said !== account) return { owner: "OTHERS", account: said };
    if (refusal instanceof NoSuchEntityException || OF_NO_KEY.test(refusal.message)) return { owner: "NOBODY" };
    throw named(refusal, "iam:GetAccessKeyLastUsed", `the access key ${AccessKeyId}`);
  }

  async function keysOf(UserName: string): Promise<ListedKey[] | undefined> {
    const pages = paginateListAccessKeys({ client: iam }, { UserName });
    const keys = allOf(pages, ({ AccessKeyMetadata = [] }) =>
      AccessKeyMetadata.flatMap(({ AccessKeyId, Status }) =>
        AccessKeyId === undefined ? [] : [{ accessKeyId: AccessKeyId, isActive: Status !== "Inactive" }],
      ),
    );
    return unlessMissing(keys, "iam:ListAccessKeys", UserName);
  }

  return {
    async whose(accessKeyId) {
      let found: GetAccessKeyLastUsedCommandOutput;
      try {
        found = await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }));
      } catch (error) {
        if (error instanceof Error && (isDenied(error) || error instanceof NoSuchEntityException)) {
          return whoseElse(accessKeyId, error);
        }
        throw error;
      }
      const last = lastUseOf(found);
      const owner = await ownerOf(found.UserName, accessKeyId);
      return { ...owner, ...(last && { lastUse: last }) };
    },

    async deactivate(UserName, AccessKeyId) {
      const call = iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
      return (await unlessMissing(call, "iam:UpdateAccessKey", UserName)) ? "deactivated" : "gone";
    },

    async remove(UserName, AccessKeyId) {
      const call = iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      return (await unlessMissing(call, "iam:DeleteAccessKey", UserName)) ? "deleted" : "gone";
    },

    keysOf,

    async policiesOf(UserName) {
      const pages = paginateListAttachedUserPolicies({ client: iam }, { UserName });
      const names = allOf(pages, ({ AttachedPolicies = [] }) =>
        AttachedPolicies.flatMap(({ PolicyName }) => PolicyName ?? []),
      );
      return unlessMissing(names, "iam:ListAttachedUserPolicies", UserName);
    },

    async denySessions(UserName, before) {
      const call = iam.send(
        new PutUserPolicyCommand({
          UserName,
          PolicyName: DENY_SESSIONS_POLICY,
          PolicyDocument: JSON.stringify(denialOf(before)),
        }),
      );
      return (await unlessMissing(call, "iam:PutUserPolicy", UserName)) ? "denied" : "gone";
    },
  };

  /** A root user's key has no IAM user. Should a name come that is his, it is no user's whose key it is. */
  async function ownerOf(user: string | undefined, accessKeyId: string): Promise<KeyOwner> {
    if (!user) return { owner: "ROOT" };
    if (user !== account && !/^<?root(_account)?>?$/.test(user)) return { owner: "USER", user };
    const keys = await keysOf(user);
    return keys?.some((key) => key.accessKeyId === accessKeyId) ? { owner: "USER", user } : { owner: "ROOT" };
  }
}

/** What is on all pages of a list. */
async function allOf<Page, One>(pages: AsyncIterable<Page>, on: (page: Page) => One[]): Promise<One[]> {
  const all: One[] = [];
  for await (const page of pages) all.push(...on(page));
  return all;
}

/** A policy that denies everything to whoever holds temporary credentials of before a moment, and nothing to others. */
function denialOf(before: number) {
  const Condition = { DateLessThan: { "aws:TokenIssueTime": new Date(before).toISOString() } };
  return { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Condition }] };
}

function lastUseOf({ AccessKeyLastUsed: last }: GetAccessKeyLastUsedCommandOutput): LastUse | undefined {
  // Of a key that was never used, IAM says `N/A` and no date.
  if (last?.LastUsedDate === undefined) return undefined;
  return { at: last.LastUsedDate.getTime(), service: last.ServiceName ?? "", region: last.Region ?? "" };
}

/** What is answered; undefined where IAM says that there is no such user, or no such key of his. */
async function unlessMissing<Answer>(asked: Promise<Answer>, right: string, user: string): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    if (error instanceof Error && isDenied(error)) throw named(error, right, `the user ${user}`);
    // The SDK takes it for throttling. It is not: a user's inline policies may have 2,048 characters together, for good.
    if (error instanceof LimitExceededException) {
      const why = `IAM takes no more for the user ${user}: a quota is reached. ${error.message}`;
      throw Object.assign(new Error(why), { name: "LimitExceeded" });
    }
    throw error;
  }
}

function isDenied({ name }: Error): boolean {
  return DENIED.includes(name);
}

/** AWS's own refusal, with what has to be granted. AWS's sentence names the function's role. */
function named(refusal: Error, right: string, what: string): Error {
  const why = `IAM does not let this function use its right ${right} on ${what}. Deploy again, or look whether an organization's policy denies it.`;
  return Object.assign(new Error(`${why} ${refusal.message}`), { name: refusal.name });
}

export const accessKeys: Maker<"accessKeys"> = ({ FLEET_ACCOUNT }) =>
  iamAccessKeys({ iam: new IAMClient(), sts: new STSClient(), account: FLEET_ACCOUNT });
