export function View({ about }: { about: string }) {
  return <h1>Executions {about}</h1>;
}
