// What a user of the published packages writes; it sees nothing of this workspace.
import * as foundation from "@millrace/foundation";

process.stdout.write(`foundation exports ${Object.keys(foundation).length} names\n`);
