export function View({ about }: { about: string }) {
  return <h1>Credentials {about}</h1>;
}
