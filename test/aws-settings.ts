import { forgetAwsSettings } from "../local/aws-settings.ts";

// Before each file of tests: what the embedded AWS is tried with is no more this computer's own than what `npm start` runs.
forgetAwsSettings();
