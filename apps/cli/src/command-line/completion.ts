import { commands } from "./command-table.ts";
import { commonFlags, type FlagSpec } from "./flag.ts";
import type { CommandSpec } from "./command.ts";

/** Shells with a completion script. */
export const shells = ["bash", "zsh", "fish"] as const;

/** A shell with a completion script. */
export type Shell = (typeof shells)[number];

/** A script that completes commands, flags, choices and files. It is complete in itself: completing starts no process. */
export function formatCompletion(shell: Shell): string {
  if (shell === "bash") return formatBash();
  return shell === "zsh" ? formatZsh() : formatFish();
}

function flagsOf(command: CommandSpec): readonly FlagSpec[] {
  return [...command.flags, ...commonFlags];
}

const firstWords = [...new Set(commands.map((command) => command.name.split(" ")[0] ?? ""))];

function secondWords(first: string): readonly string[] {
  return commands.flatMap((command) =>
    command.name.startsWith(`${first} `) ? [command.name.slice(first.length + 1)] : [],
  );
}

function formatBash(): string {
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map((flag) => `--${flag.name}`);
    return `    ${command.name.split(" ")[0]}) flags="${flags.join(" ")}"; words="${positionalWords(command).join(" ")}" ;;`;
  });
  const choices = uniqueChoices().map(
    ([name, values]) => `    --${name}) COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$word")); return ;;`,
  );
  return `# bash completion of millrace:  source <(millrace completion bash)
_millrace() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" flags="" words=""
  case "$previous" in
${choices.join("\n")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords.join(" ")} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [ "\${word#-}" != "$word" ]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _millrace millrace`;
}

function formatZsh(): string {
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map((flag) => {
      const value = flag.value === undefined ? "" : `:${flag.value.toLowerCase()}:${zshAction(flag)}`;
      return `'${flag.repeats === true ? "*" : ""}--${flag.name}[${zshText(flag.summary)}]${value}'`;
    });
    const words = positionalWords(command);
    const positional = words.length > 0 ? `'1:argument:(${words.join(" ")})'` : `'*:file:_files'`;
    return `    ${command.name.split(" ")[0]}) _arguments ${[...flags, positional].join(" ")} ;;`;
  });
  const listed = firstWords.map(
    (word) => `'${word}:${zshText(commands.find(({ name }) => name.split(" ")[0] === word)?.summary ?? "")}'`,
  );
  return `#compdef millrace
# zsh completion of millrace:  source <(millrace completion zsh)
_millrace() {
  local -a commands
  commands=(${listed.join(" ")})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
compdef _millrace millrace`;
}

function formatFish(): string {
  const lines = firstWords.map((word) => {
    const summary = commands.find(({ name }) => name.split(" ")[0] === word)?.summary ?? "";
    return `complete -c millrace -n __fish_use_subcommand -f -a ${word} -d ${fishText(summary)}`;
  });
  for (const command of commands) {
    const first = command.name.split(" ")[0] ?? "";
    const when = `-n '__fish_seen_subcommand_from ${first}'`;
    const words = positionalWords(command);
    if (words.length > 0) lines.push(`complete -c millrace ${when} -f -a '${words.join(" ")}'`);
    for (const flag of flagsOf(command)) {
      const value =
        flag.value === undefined ? "" : flag.choices === undefined ? " -r" : ` -x -a '${flag.choices.join(" ")}'`;
      lines.push(`complete -c millrace ${when} -l ${flag.name}${value} -d ${fishText(flag.summary)}`);
    }
  }
  return `# fish completion of millrace:  millrace completion fish | source\n${lines.join("\n")}`;
}

/** Words that a command's argument can be, where they are few and known. */
function positionalWords(command: CommandSpec): readonly string[] {
  if (command.name === "completion") return shells;
  if (command.name === "help") return [...firstWords, "advanced"];
  const first = command.name.split(" ")[0] ?? "";
  return secondWords(first);
}

function uniqueChoices(): readonly (readonly [string, readonly string[]])[] {
  const found = new Map<string, readonly string[]>();
  for (const command of commands) {
    for (const flag of flagsOf(command)) if (flag.choices !== undefined) found.set(flag.name, flag.choices);
  }
  return [...found];
}

function zshAction(flag: FlagSpec): string {
  if (flag.choices !== undefined) return `(${flag.choices.join(" ")})`;
  return flag.type === "file" || flag.type === "folder" ? "_files" : " ";
}

function zshText(text: string): string {
  return text.replaceAll("'", "").replaceAll(/[[\]:]/g, (character) => `\\${character}`);
}

function fishText(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
