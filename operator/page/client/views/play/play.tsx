export function View({ about }: { about: string }) {
  return <h1>Play {about}</h1>;
}
