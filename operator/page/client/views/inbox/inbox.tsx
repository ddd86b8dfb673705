export function View({ about }: { about: string }) {
  return <h1>Inbox {about}</h1>;
}
