export function View({ about }: { about: string }) {
  return <h1>Execution {about}</h1>;
}
