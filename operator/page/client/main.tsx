import { render } from "preact";
import "./app.css";
import "./frame.css";
import "./parts/parts.css";
import { Frame } from "./frame.tsx";
import { follow } from "./live.ts";
import { followFragment } from "./route.ts";

followFragment();
follow();
const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<Frame />, page);
}
