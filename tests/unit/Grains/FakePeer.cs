using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Topics;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A gateway as other gateways and grains see it, which keeps what it is given. Pulls wait until a test answers them.</summary>
internal sealed class FakePeer : IGatewayPeer
{
    private readonly Channel<DeviceWill> _wills = Channel.CreateUnbounded<DeviceWill>();
    private readonly Channel<PendingPull> _pulls = Channel.CreateUnbounded<PendingPull>();

    public ChannelReader<DeviceWill> Wills => _wills.Reader;

    public ConcurrentQueue<RoutedBatch> Batches { get; } = new();

    public ConcurrentQueue<GatewayLease> Hellos { get; } = new();

    public Func<RoutedBatch, Task<RoutedReply>> OnPublish { get; set; } = static _ => Task.FromResult(new RoutedReply([]));

    public Func<DeviceWill, Task> OnWill { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What it was given, in its order.</summary>
    public RoutedPublish[] Published => [.. Batches.SelectMany(static batch => batch.Messages)];

    public Task<PendingPull> NextPullAsync() => _pulls.Reader.ReadAsync().AsTask().InTimeAsync();

    public Task HelloAsync(GatewayLease newcomer)
    {
        Hellos.Enqueue(newcomer);
        return Task.CompletedTask;
    }

    public Task<InterestChanges> PullInterestsAsync(InterestPull pull)
    {
        var pending = new PendingPull(pull);
        _pulls.Writer.TryWrite(pending);
        return pending.Answer;
    }

    public Task<RoutedReply> PublishAsync(RoutedBatch batch)
    {
        Batches.Enqueue(batch);
        return OnPublish(batch);
    }

    public ConcurrentQueue<RoutedPublish> Redistributed { get; } = new();

    public Func<Task> OnRedistribute { get; set; } = static () => Task.CompletedTask;

    public async Task RedistributeAsync(ImmutableArray<RoutedPublish> messages)
    {
        await OnRedistribute();
        foreach (var message in messages)
        {
            Redistributed.Enqueue(message);
        }
    }

    public async Task PublishWillAsync(DeviceWill will)
    {
        await OnWill(will);
        _wills.Writer.TryWrite(will);
    }
}
