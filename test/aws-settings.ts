import { forgetAwsSettings } from "../operator/place/aws-settings.ts";

// Before each file of tests: what the embedded AWS is tried with is no more this computer's own than what `npm start` runs.
forgetAwsSettings();
