export function View({ about }: { about: string }) {
  return <h1>Instance {about}</h1>;
}
