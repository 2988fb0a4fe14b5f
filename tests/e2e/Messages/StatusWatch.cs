using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Grpc;

namespace IotPlatform.E2e.Tests.Messages;

/// <summary>A caller that watches the status events of messages at a gateway.</summary>
internal sealed class StatusWatch : IAsyncDisposable
{
    private const string Method = "iot.v1.Messaging/WatchDeviceMessages";

    private readonly GrpcClient _client;
    private readonly GrpcStream _call;

    private StatusWatch(GrpcClient client, GrpcStream call) => (_client, _call) = (client, call);

    /// <summary>Where to watch on: behind what was read last.</summary>
    public string Position { get; private set; } = "";

    /// <summary>How it ended.</summary>
    public StatusCode Status => _call.Reply.Status;

    /// <summary>Begins to watch; what happens from here on is seen.</summary>
    public static async Task<StatusWatch> OpenAsync(GatewayProcess gateway, WatchDeviceMessagesRequest request)
    {
        var watch = await TryOpenAsync(gateway, request);
        Assert.True(watch is not null, "The watch was refused.");
        return watch;
    }

    /// <summary>Begins to watch; null where that is refused.</summary>
    public static async Task<StatusWatch?> TryOpenAsync(GatewayProcess gateway, WatchDeviceMessagesRequest request)
    {
        var client = new GrpcClient(new Uri($"http://{gateway.GrpcAuthority}"));
        var call = await client.OpenAsync(Method, MessageStream.Key);
        await call.WriteAsync(request);
        await call.EndAsync();
        var watch = new StatusWatch(client, call);
        if (await watch.ReadAnyAsync("where the watch begins") is not { } first)
        {
            await watch.DisposeAsync();
            return null;
        }

        Assert.True(first.Event is null, "The first answer is a position.");
        return watch;
    }

    /// <summary>A watch that is refused.</summary>
    /// <returns>With which code.</returns>
    public static async Task<StatusCode> RefusalAsync(GatewayProcess gateway, WatchDeviceMessagesRequest request)
    {
        using var client = new GrpcClient(new Uri($"http://{gateway.GrpcAuthority}"));
        await using var call = await client.OpenAsync(Method, MessageStream.Key);
        await call.WriteAsync(request);
        await call.EndAsync();
        while (await Deadline.WithinAsync(call.ReadPayloadAsync(), "the refusal") is not null)
        {
        }

        return call.Reply.Status;
    }

    /// <summary>The next event; null at the end.</summary>
    public async Task<DeviceMessageEvent?> TryReadAsync(string awaited)
    {
        while (await ReadAnyAsync(awaited) is { } answer)
        {
            if (answer.Event is { } status)
            {
                return status;
            }
        }

        return null;
    }

    /// <summary>The events that follow.</summary>
    public async Task<List<DeviceMessageEvent>> ReadAsync(int count, string awaited)
    {
        var events = new List<DeviceMessageEvent>();
        while (events.Count < count)
        {
            var next = await TryReadAsync($"{awaited}, {events.Count + 1} of {count}");
            Assert.True(next is not null, $"The watch ended after {events.Count} of {count}: {awaited}.");
            events.Add(next);
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync();
        _client.Dispose();
    }

    private async Task<WatchDeviceMessagesResponse?> ReadAnyAsync(string awaited)
    {
        if (await Deadline.WithinAsync(_call.ReadPayloadAsync(), awaited) is not { } payload)
        {
            return null;
        }

        var answer = WatchDeviceMessagesResponse.Parser.ParseFrom(payload);
        Position = answer.Position;
        return answer;
    }
}
