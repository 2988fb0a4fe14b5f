using System.Collections.Concurrent;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Sessions;

/// <summary>
/// Connections of one device that come at random, several at a time and wherever they may, take what there is for it, and go; meanwhile another device publishes to it.
/// In the end one connection is left, and everything that was acknowledged has arrived.
/// </summary>
internal sealed class TakeoverScenario(RestApi api, IReadOnlyList<IPEndPoint> gateways, int seed)
{
    private const int Actors = 6;
    private const int TimesMax = 6;
    private const int Messages = 100;

    private readonly ConcurrentDictionary<string, bool> _received = new();
    private readonly ConcurrentBag<RawClient> _connections = [];
    private Device _device = null!;
    private string _topic = "";

    public async Task RunAsync()
    {
        _device = await api.CreateDeviceAsync();
        _topic = $"takeover/{_device.ProductKey}";
        var first = await ConnectAsync(gateways[0]);
        Assert.NotNull(first);
        Assert.Equal(ReasonCode.GrantedQoS1, await first.SubscribeAsync(_topic, QoS.AtLeastOnce));
        var other = await api.CreateDeviceAsync();
        await using var publisher = await RawClient.ConnectAsync(gateways[^1], other.Connect());
        var publishing = PublishAsync(publisher);
        await Task.WhenAll(Enumerable.Range(0, Actors).Select(actor => LiveAsync(new Random(unchecked((seed * 31) + actor)))));
        var acknowledged = await publishing;

        var last = await ConnectAsync(gateways[0]);
        Assert.NotNull(last);
        await Deadline.UntilAsync(
            () => Task.FromResult(Missing(acknowledged)), static missing => missing.Count == 0, $"every acknowledged message has arrived; seed {seed}");
        await Deadline.UntilAsync(
            () => Task.FromResult(_connections.Count(static connection => !connection.ClosedAsync("").IsCompleted)), static open => open == 1, $"one connection is left; seed {seed}");
        await last.PingAsync();
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }

    // What every connection has got so far, whether it is still there or not.
    private List<string> Missing(List<string> acknowledged)
    {
        foreach (var connection in _connections)
        {
            while (connection.TryReceive(out var message))
            {
                _received[message!.Text] = true;
            }
        }

        return [.. acknowledged.Where(text => !_received.ContainsKey(text))];
    }

    private async Task LiveAsync(Random random)
    {
        for (var times = random.Next(1, TimesMax + 1); times > 0; times--)
        {
            if (await ConnectAsync(gateways[random.Next(gateways.Count)]) is { } connection && random.Next(3) == 0)
            {
                connection.Abort();
            }
        }
    }

    /// <returns>Null where a newer one came before it was let in.</returns>
    private async Task<RawClient?> ConnectAsync(IPEndPoint gateway)
    {
        var connection = await RawClient.OpenAsync(gateway);
        _connections.Add(connection);
        connection.Send(_device.Connect(sessionExpiry: 3_600, cleanStart: false));
        var judged = connection.ConnAckAsync();
        await Task.WhenAny(judged, connection.ClosedAsync("its end"));
        return judged.IsCompletedSuccessfully && !connection.ConnAck!.ReasonCode.IsFailure() ? connection : null;
    }

    private async Task<List<string>> PublishAsync(RawClient publisher)
    {
        var acknowledged = new List<string>();
        for (var i = 0; i < Messages; i++)
        {
            if (!(await publisher.PublishAsync(_topic, $"m{i}", QoS.AtLeastOnce)).IsFailure())
            {
                acknowledged.Add($"m{i}");
            }
        }

        return acknowledged;
    }
}
