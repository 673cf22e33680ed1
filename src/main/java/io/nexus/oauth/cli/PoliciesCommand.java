package io.nexus.oauth.cli;

import io.nexus.oauth.api.PolicyRequest;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "policies",
        description =
                "List, store and delete access policies for callers without API keys. Needs the role admin for all tenants.")
final class PoliciesCommand extends ServerCommand {

    private static final String PATH = "/policies";

    @Mixin
    private OutputOptions output = new OutputOptions();

    PoliciesCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        return list(this, output);
    }

    private static int list(ServerCommand command, OutputOptions output) {
        output.print(
                command.shell,
                Listings.POLICIES,
                () -> command.api().get(PATH, Map.of()).path("items").iterator());
        return ExitCode.OK;
    }

    @Command(name = "list", description = "List the policies from the policy file and the stored ones.")
    static final class ListPolicies extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        ListPolicies(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            return list(this, output);
        }
    }

    @Command(name = "set", description = "Store a policy, or replace the stored policy of that name.")
    static final class Set extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        @Parameters(paramLabel = "NAME", description = "The name of the policy.")
        private String name = "";

        @Option(
                names = "--issuer",
                required = true,
                paramLabel = "URL",
                description = "The issuer (iss) of the callers' tokens, or 'certificate'.")
        private String issuer = "";

        @Option(
                names = "--subject",
                required = true,
                description =
                        "The sub of the tokens, or the SPIFFE id or subject of the certificates. * is a wildcard.")
        private String subject = "";

        @Option(
                names = {"--grant-tenant", "--grant-tenants"},
                required = true,
                split = ",",
                paramLabel = "TENANT",
                description = "A tenant to which the policy grants access, or * for all tenants. Can be repeated.")
        private List<String> tenants = List.of();

        @Option(
                names = {"--role", "--roles"},
                required = true,
                split = ",",
                paramLabel = "ROLE",
                description = "A role that the policy grants. Can be repeated.")
        private List<String> roles = List.of();

        @Option(
                names = {"--provider", "--providers"},
                split = ",",
                paramLabel = "PROVIDER",
                description = "Limit access to credentials at this provider. Can be repeated.")
        private @Nullable List<String> providers;

        @Option(
                names = {"--user", "--users"},
                paramLabel = "USER_EMAIL",
                description = "Limit access to credentials of this user. Can be repeated.")
        private @Nullable List<String> users;

        @Option(
                names = {"--scope", "--scopes"},
                paramLabel = "SCOPE",
                description = "Limit access to tokens with this scope and no others. Can be repeated.")
        private @Nullable List<String> scopes;

        Set(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            output.printOne(
                    shell,
                    Listings.POLICIES,
                    api().put(
                                    PATH + "/" + ApiClient.encode(name),
                                    new PolicyRequest(issuer, subject, tenants, roles, providers, users, scopes)));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "delete",
            description = "Delete a stored policy. Policies from the policy file can only be removed there.")
    static final class Delete extends ServerCommand {

        @Parameters(paramLabel = "NAME", description = "The policy.")
        private String name = "";

        Delete(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            api().delete(PATH + "/" + ApiClient.encode(name));
            shell.out().println(shell.terminal().mark(true) + " Deleted the policy " + Text.clean(name));
            return ExitCode.OK;
        }
    }
}
