import { _InstanceType } from "@aws-sdk/client-ec2";

/** As the names of Amazon Linux's images have it. */
export type Architecture = "arm64" | "x86_64";

const KNOWN: ReadonlySet<string> = new Set(Object.values(_InstanceType));

/**
 * The processor of an EC2 instance type. AWS says it in the name: a `g` after the generation stands for Graviton, and `gb`
 * after the dash for NVIDIA's Grace, both Arm.
 *
 * @param type e.g. `t2.micro`, `u7i-12tb.224xlarge`
 */
export function architectureOf(type: string): Architecture {
  return /^[a-z]+\d+([a-z]*g|[a-z]*-gb)/.test(type) || type.startsWith("a1.") ? "arm64" : "x86_64";
}

/**
 * Why instances of the launch template cannot be of a type.
 *
 * @returns a sentence that goes on after the setting's name; undefined when they can
 */
export function faultOfInstanceType(type: string): string | undefined {
  if (!/^[a-z0-9-]+\.[a-z0-9-]+$/.test(type)) return 'must be an EC2 instance type such as "t2.micro"';
  if (!KNOWN.has(type)) {
    return 'must be an EC2 instance type that @aws-sdk/client-ec2 knows, such as "t2.micro"; for a newer one, raise that package';
  }
  if (type.startsWith("mac")) return "must be one that Amazon Linux 2023 runs on, and it runs on no Mac";
  if (type.startsWith("a1.")) {
    return "must be one that Amazon Linux 2023 runs on, and of Arm that needs Graviton2 or newer, such as t4g.micro";
  }
  return undefined;
}
