/**
 * The limits in time that only hold together. A turn fetches its ticket, waits for its lock, writes a sample and runs its
 * hooks; the command that starts it must last longer than all of that; the push waits longer than the command; and all waits of a rotation
 * end before its flow does. test/protocol/limits.test.ts holds them against each other, test/harness/limits.ts the flow files.
 */

/** For all hooks of a turn together, and so the most for one. */
export const HOOKS_SECONDS = 240;

/** For fetching a ticket, with all attempts of the AWS client. */
export const TICKET_SECONDS = 30;

/** For writing one sample, with all attempts of the AWS client. */
export const SAMPLE_SECONDS = 10;

/** How long the agent waits for the answer to a registration: longer than the function that answers may take. */
export const REGISTRATION_CALL_SECONDS = 70;

/**
 * How long a turn waits for another one that holds the key file: as long as that one may take to agree a key, for its sample
 * and its hooks, and then some. So a ticket that comes twice gets its receipt twice, also while the first is at its hooks.
 */
export const LOCK_WAIT_SECONDS = REGISTRATION_CALL_SECONDS + HOOKS_SECONDS + SAMPLE_SECONDS + 20;

/**
 * How long the command with a turn may run: the ticket, the wait for the lock, the call by which a rekey's key is agreed, the
 * sample, the hooks, and the agent's start.
 */
export const TURN_SECONDS = 720;

/** How long SSM tries to hand a command to the instance; SSM takes no less than 30. */
export const DELIVERY_SECONDS = 60;

/**
 * How long a rotation waits for the event that a push has ended: by then its command is over, whatever came of it. The
 * upper limit leaves the flow the time to ask for the receipt and to tell people.
 */
export const PUSH_TIMEOUT_SECONDS = { least: DELIVERY_SECONDS + TURN_SECONDS + 60, most: 1300 } as const;

/** How often an instance proves its key until the registration has said so, and the longest that it can be told. */
export const SAMPLE_INTERVAL_SECONDS = { default: 60, most: 86_400 } as const;
