using System.Collections.Concurrent;

namespace IotPlatform.Fuzz;

/// <summary>
/// Clients whose connections come several at a time, receive, acknowledge, publish and go, while others publish to them. Never two of them are live, and nothing that
/// was acknowledged is lost.
/// </summary>
public static class TakeoverFuzz
{
    private const int AtOnce = 4;
    private const int ConnectionsMax = 8;
    private const int TimesMax = 4;
    private const int MessagesMax = 40;

    /// <summary>Plays so many clients.</summary>
    /// <returns>What must not have happened.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(int rounds, int seed)
    {
        var findings = new Findings();
        await using var host = await FuzzHost.StartAsync(findings);
        using var done = new CancellationTokenSource();
        var clock = host.RunClockAsync(done.Token);
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var round && round <= rounds)
            {
                await new Round(host, findings, seed, round).RunAsync();
            }
        })));
        await done.CancelAsync();
        await clock;
        return findings.All;
    }

    private sealed class Round(FuzzHost host, Findings findings, int seed, int number)
    {
        private readonly Random _random = new(unchecked((seed * 16777619) ^ number));
        private readonly ConcurrentBag<TakeoverClient> _connections = [];
        private readonly ConcurrentBag<string> _acknowledgedUp = [];
        private int _connected;

        private string Name => $"seed {seed}, round {number}";

        public async Task RunAsync()
        {
            var watcher = await OtherAsync("w");
            await watcher.SubscribeAsync($"up/{number}");
            var publisher = await OtherAsync("p");
            await (await ConnectAsync()).SubscribeAsync($"down/{number}");
            var seeds = Enumerable.Range(0, _random.Next(2, ConnectionsMax + 1)).Select(_ => _random.Next()).ToArray();
            var publishing = PublishAsync(publisher, _random.Next(5, MessagesMax));
            await Task.WhenAll(seeds.Select(each => Task.Run(() => LiveAsync(new Random(each)))));
            var acknowledged = await publishing;
            await DrainAsync(await ConnectAsync(), acknowledged, () => [.. _connections.SelectMany(static connection => connection.Received)], "down");
            await DrainAsync(watcher, [.. _acknowledgedUp], () => watcher.Received, "up");
            CheckOrder();
            await EndAsync([watcher, publisher, .. _connections]);
        }

        private async Task<TakeoverClient> OtherAsync(string kind)
        {
            var client = new TakeoverClient(host, findings, $"{Name}, {kind}", $"{kind}{number}", cleanStart: true);
            await client.UntilJudgedAsync();
            return client;
        }

        private async Task<TakeoverClient> ConnectAsync()
        {
            var connection = new TakeoverClient(host, findings, $"{Name}, connection {Interlocked.Increment(ref _connected)}", $"c{number}", cleanStart: false);
            _connections.Add(connection);
            await connection.UntilJudgedAsync();
            return connection;
        }

        // What one actor does: it comes, several times, and takes some of what there is for the client.
        private async Task LiveAsync(Random random)
        {
            for (var times = random.Next(1, TimesMax + 1); times > 0; times--)
            {
                var connection = await ConnectAsync();
                for (var steps = random.Next(6); steps > 0 && !connection.HasEnded; steps--)
                {
                    await StepAsync(connection, random, $"{connection.Name}: {steps}");
                }

                if (random.Next(3) == 0)
                {
                    connection.Abort();
                }
            }
        }

        private async Task StepAsync(TakeoverClient connection, Random random, string payload)
        {
            switch (random.Next(4))
            {
                case 0 when await connection.PublishAsync($"up/{number}", payload):
                    _acknowledgedUp.Add(payload);
                    break;
                case 1:
                    await Task.Yield();
                    break;
                default:
                    connection.Acknowledge();
                    break;
            }
        }

        private async Task<List<string>> PublishAsync(TakeoverClient publisher, int count)
        {
            var acknowledged = new List<string>();
            for (var i = 0; i < count; i++)
            {
                if (await publisher.PublishAsync($"down/{number}", $"m{i}"))
                {
                    acknowledged.Add($"m{i}");
                }
                else
                {
                    findings.Add($"{publisher.Name} was closed");
                }
            }

            return acknowledged;
        }

        private async Task DrainAsync(TakeoverClient last, List<string> acknowledged, Func<string[]> received, string what)
        {
            List<string> Missing() => [.. acknowledged.Except(received())];
            for (var missing = Missing(); missing.Count > 0;)
            {
                last.Acknowledge();
                var before = missing.Count;
                await last.UntilReceivedAsync(() => Missing().Count < before, $"the rest of what was published {what}");
                missing = Missing();
                if (missing.Count == before)
                {
                    break;
                }
            }

            last.Acknowledge();
            if (Missing() is { Count: > 0 } lost)
            {
                findings.Add($"{Name}: {lost.Count} of {acknowledged.Count} acknowledged messages {what} are lost: {string.Join(", ", lost)}");
            }
        }

        // [MQTT-3.1.4-3] The older one is closed before the newer one is let in, and gets nothing more.
        private void CheckOrder()
        {
            var accepted = _connections.Where(static connection => connection.AcceptedAt > 0).OrderBy(static connection => connection.AcceptedAt).ToList();
            for (var i = 1; i < accepted.Count; i++)
            {
                var (older, newer) = (accepted[i - 1], accepted[i]);
                if (older.ClosedAt == 0 || older.ClosedAt > newer.AcceptedAt || older.LastMessageAt > newer.AcceptedAt)
                {
                    findings.Add(
                        $"{older.Name} was let in at {older.AcceptedAt}, had its last message at {older.LastMessageAt}, and was closed at {older.ClosedAt}; {newer.Name} was let in at {newer.AcceptedAt}, had its first message at {newer.FirstMessageAt}");
                }
            }
        }

        private static async Task EndAsync(TakeoverClient[] all)
        {
            foreach (var client in all)
            {
                client.Abort();
                await client.UntilEndedAsync();
            }
        }
    }
}
