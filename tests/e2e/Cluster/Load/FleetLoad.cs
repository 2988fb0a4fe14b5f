using System.Diagnostics;
using System.Net;
using System.Text;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;
using Xunit.Abstractions;

namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>
/// A load on a cluster, and the judge of what came of it: services send messages to many devices at both gateways, some of which come and go, and devices talk
/// to each other across gateways. Whatever happens meanwhile: what was acknowledged has arrived in the end, and a second copy in one session says that it is
/// one.
/// </summary>
internal sealed class FleetLoad : IAsyncDisposable
{
    private const int DeviceCount = 200;
    private const int ConversationCount = 12;

    private static readonly TimeSpan OnlinePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ProgressPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ArrivalPatience = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan AcknowledgePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AcknowledgePoll = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _callersStopping = new();
    private readonly CancellationTokenSource _devicesStopping = new();
    private readonly LocalCluster _cluster;
    private readonly LoadDevice[] _devices;
    private readonly Conversation[] _conversations;
    private readonly Callers _callers;
    private readonly Task _calling;
    private readonly Task[] _running;

    private FleetLoad(LocalCluster cluster, Device[] devices)
    {
        _cluster = cluster;
        var receivers = devices[..DeviceCount];
        var talkers = devices[DeviceCount..];
        _callers = new Callers(receivers, cluster.Gateways);

        // Half of each kind at each gateway; a quarter comes and goes.
        _devices = [.. receivers.Select((device, i) => new LoadDevice(device, cluster.Gateways, i % 2, VersionOf(i / 2), isLasting: i / 4 % 2 == 0, Arrived)
        {
            ComesAndGoes = i / 8 % 4 == 0,
        })];
        _conversations = [.. Enumerable.Range(0, ConversationCount).Select(i =>
            new Conversation(talkers[2 * i], talkers[(2 * i) + 1], cluster.Gateways, speakerAt: i % 2, listenerAt: (i + 1) % 2, VersionOf(i / 2)))];
        var all = _devices.Concat(_conversations.SelectMany(static conversation => new[] { conversation.Listener, conversation.Speaker }));
        _running = [.. all.Select(device => device.RunAsync(_devicesStopping.Token))];
        _calling = _callers.RunAsync(_callersStopping.Token);
    }

    /// <summary>Starts it, and waits until it runs everywhere.</summary>
    public static async Task<FleetLoad> StartAsync(LocalCluster cluster)
    {
        var devices = await cluster.Gateways[0].Api.CreateDevicesAsync(DeviceCount + (2 * ConversationCount));
        var load = new FleetLoad(cluster, devices);
        try
        {
            await load.UntilAcceptedAsync(200, "before the bad day begins");
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many more messages are accepted, and the devices that stay are online: life goes on.</summary>
    public async Task UntilAcceptedAsync(int more, string when)
    {
        var wanted = _callers.Accepted + more;
        await Deadline.UntilAsync(() => Task.FromResult(_callers.Accepted), accepted => accepted >= wanted, $"{more} more messages are accepted {when}", ProgressPatience);
        await UntilOnlineAsync(when);
    }

    /// <summary>Ends it, tells the totals, and checks that nothing that was acknowledged is lost.</summary>
    public async Task EndAsync(ITestOutputHelper output)
    {
        await _callersStopping.CancelAsync();
        await _calling;
        foreach (var device in _devices)
        {
            device.ComesAndGoes = false;
        }

        await UntilOnlineAsync("after the bad day");
        var failures = new List<string>();
        try
        {
            await Deadline.UntilAsync(() => Task.FromResult(OutstandingCount()), static count => count == 0, "everything that is owed has arrived", ArrivalPatience);
        }
        catch (TimeoutException exception)
        {
            failures.Add(exception.Message);
            failures.AddRange(await OutstandingAsync());
        }

        var open = await OpenAsync(failures);
        await _devicesStopping.CancelAsync();
        await Task.WhenAll(_running);
        Judge(failures);
        output.WriteLine(Totals(open));
        Assert.True(failures.Count == 0, $"{Totals(open)}\n{failures.Count} failures, such as:\n{string.Join('\n', failures.Take(20))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _callersStopping.CancelAsync();
        await _devicesStopping.CancelAsync();
        await _calling;
        await Task.WhenAll(_running);
        _callers.Dispose();
        _callersStopping.Dispose();
        _devicesStopping.Dispose();
    }

    private static ProtocolVersion VersionOf(int index) => index % 2 == 0 ? ProtocolVersion.Mqtt500 : ProtocolVersion.Mqtt311;

    private void Arrived(LoadDevice device, Arrival arrival, ReceivedPublish message)
    {
        var messageId = message.Topic.Split('/')[^1];
        _callers.Find(messageId)!.Arrivals.Enqueue(arrival);
    }

    private async Task UntilOnlineAsync(string when)
    {
        var staying = _devices.Where(static device => !device.ComesAndGoes)
            .Concat(_conversations.SelectMany(static conversation => new[] { conversation.Listener, conversation.Speaker })).ToList();
        await Deadline.UntilAsync(
            () => Task.FromResult(staying.Count(static device => !device.IsOnline)), static missing => missing == 0, $"every device that stays is online {when}", OnlinePatience);
    }

    private int OutstandingCount() =>
        _callers.Messages.Count(static message => message is { IsAccepted: true, HasArrived: false }) + _conversations.Sum(static conversation => conversation.MissingCount);

    private async Task<IEnumerable<string>> OutstandingAsync()
    {
        var outstanding = _callers.Messages.Where(static message => message is { IsAccepted: true, HasArrived: false }).GroupBy(static message => message.Device).Take(5);
        return await Task.WhenAll(outstanding.Select(async messages =>
        {
            var api = _cluster.Gateways[0].Api;
            var seen = await Task.WhenAll(messages.Select(message => api.MessageAsync(messages.Key, message.MessageId)));
            return $"owed to {messages.Key.Name}: {string.Join(", ", seen.Select(static message => message.ToString()))}; the device: {await api.DeviceAsync(messages.Key)}";
        }));
    }

    /// <summary>Asks the platform for every message that was accepted.</summary>
    /// <returns>How many wait for their device, or for its acknowledgement.</returns>
    private async Task<int> OpenAsync(List<string> failures)
    {
        var open = 0;
        var accepted = _callers.Messages.Where(static message => message.IsAccepted).ToLookup(static message => message.Device);
        await Parallel.ForEachAsync(accepted, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (messages, _) =>
        {
            var statuses = await StatusesAsync(messages.Key, messages);
            foreach (var message in messages)
            {
                var status = statuses.GetValueOrDefault(message.MessageId, "missing");
                if (status is "PENDING" or "SENT")
                {
                    Interlocked.Increment(ref open);
                }
                else if (status != "DELIVERED" || !message.HasArrived)
                {
                    lock (failures)
                    {
                        failures.Add($"{message.MessageId} for {message.Device.Name} was accepted, is {status}, and {(message.HasArrived ? "arrived" : "did not arrive")}.");
                    }
                }
            }
        });
        return open;
    }

    // A device that has acknowledged a message knows that before the platform does: it is given a while.
    private async Task<Dictionary<string, string>> StatusesAsync(Device device, IEnumerable<SentMessage> messages)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var answer = await _cluster.Gateways[0].Api.GetAsync($"{RestApi.PathOf(device)}/messages?pageSize=1000");
            var statuses = answer.Items("messages").ToDictionary(static m => Answer.TextOf(m, "messageId"), static m => Answer.TextOf(m, "status"));
            if (clock.Elapsed > AcknowledgePatience || messages.All(message => statuses.GetValueOrDefault(message.MessageId) == "DELIVERED"))
            {
                answer.Expect(HttpStatusCode.OK);
                return statuses;
            }

            await Task.Delay(AcknowledgePoll);
        }
    }

    private void Judge(List<string> failures)
    {
        failures.AddRange(_callers.Faults);
        foreach (var message in _callers.Messages)
        {
            failures.AddRange(message.Unmarked().Select(arrival =>
                $"{message.MessageId} for {message.Device.Name} came again in one session ({string.Join(", ", message.Arrivals)}), not marked as a duplicate."));
        }

        foreach (var conversation in _conversations)
        {
            failures.AddRange(conversation.Faults);
            if (conversation.TellMissing() is { } missing)
            {
                failures.Add(missing);
            }
        }
    }

    private string Totals(int open)
    {
        var messages = _callers.Messages.ToList();
        var totals = new StringBuilder();
        totals.Append($"device messages: accepted {_callers.Accepted}, delivered {messages.Count(static m => m is { IsAccepted: true, HasArrived: true })}, pending {open}, ");
        totals.Append($"refused calls {_callers.RefusedCalls}, given up {_callers.GivenUp} (of them arrived {messages.Count(static m => m is { IsAccepted: false, HasArrived: true })}), ");
        totals.AppendLine($"duplicates {messages.Sum(static m => m.Duplicates)} (marked {messages.Sum(static m => m.Arrivals.Skip(1).Count(static a => a.IsMarked))}, the rest in new sessions)");
        totals.Append($"publishes: sent {_conversations.Sum(static c => c.Sent)}, acknowledged {_conversations.Sum(static c => c.Acknowledged)}, ");
        totals.AppendLine($"arrived {_conversations.Sum(static c => c.Arrived)}, duplicates {_conversations.Sum(static c => c.Duplicates)}");
        totals.Append($"connections: {_devices.Sum(static d => d.Connections)} of {_devices.Length} devices, {_conversations.Sum(static c => c.Listener.Connections + c.Speaker.Connections)} of {2 * _conversations.Length} that talk");
        return totals.ToString();
    }
}
