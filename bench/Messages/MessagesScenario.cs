using IotPlatform.Bench.Scenarios;
using IotPlatform.Bench.Servers;
using IotPlatform.Testkit;

namespace IotPlatform.Bench.Messages;

/// <summary>What a service gets that sends durable messages to single devices.</summary>
internal sealed class MessagesScenario : IScenario
{
    public string Name => "messages";

    public string Summary => "durable messages to single devices: over a stream to devices that are online and that are away, call by call, at a pace, and a million that wait";

    public IReadOnlyList<string> Options => MessagesOptions.Help;

    public async Task<bool> RunAsync(Arguments arguments, TextWriter output)
    {
        var options = MessagesOptions.Read(arguments);
        arguments.RefuseUnread();
        if (options.Store == MessagesOptions.Sqlite)
        {
            return Run(options, new GatewayKind(options.Server, isProbed: true, MessagesOptions.GatewaySettings), output);
        }

        if (ClusterPrograms.Find(folder: null, out var missing) is not { } programs)
        {
            await Console.Error.WriteLineAsync($"{Name}: {missing}");
            return false;
        }

        await using var postgres = await PostgresServer.CreateAsync(programs.Postgres);
        var shape = new ClusterShape(Silos: 1, Gateways: 1) { GatewaySettings = MessagesOptions.GatewaySettings };
        return Run(options, new ClusterKind(programs, postgres, shape), output);
    }

    private bool Run(MessagesOptions options, IServerKind kind, TextWriter output)
    {
        var isRight = true;
        foreach (var part in options.Parts)
        {
            IServerKind measured = part.RestartsServer ? new DurableGatewayKind(options.Server, MessagesOptions.GatewaySettings) : kind;

            // A peer knows one way to send, which is compared with the stream and with what is paced.
            var servers = new ComparisonOptions([measured], part.HasPeers ? options.Peers : [], options.Rounds);
            var comparison = new Comparison($"{Name}-{part.Name}", servers, output) { FactsOf = each => Facts(each, options) };
            isRight &= comparison.Run((server, faults) => part.Run(server, options.LoadOf(part), faults));
        }

        return isRight;
    }

    // Mosquitto answers when a message is in its memory, and saves that every autosave_interval, half an hour by default.
    private static (string Key, string Value)[] Facts(IServerKind kind, MessagesOptions options) =>
        kind is MosquittoKind ? [("durable", "autosave_only")] : [("store", options.Store), ("durable", "before_answer")];
}
