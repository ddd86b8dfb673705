export function View({ about }: { about: string }) {
  return <h1>Audit {about}</h1>;
}
