/** A mistake in the settings. Its message is for the user: one line for each setting that is wrong. */
export class SettingsError extends Error {}
