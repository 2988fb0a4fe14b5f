using System.Threading.Channels;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Topics;

namespace IotPlatform.Unit.Tests.Grains;

/// <summary>A gateway as other gateways and grains see it, which keeps what it is given.</summary>
internal sealed class FakePeer : IGatewayPeer
{
    private readonly Channel<DeviceWill> _wills = Channel.CreateUnbounded<DeviceWill>();

    public List<GatewayLease> Hellos { get; } = [];

    public ChannelReader<DeviceWill> Wills => _wills.Reader;

    public Func<InterestPull, Task<InterestChanges>> OnPull { get; set; } =
        static pull => Task.FromResult(new InterestChanges(pull.SinceEpoch, pull.SinceVersion, IsWhole: false, [], []));

    public Func<RoutedBatch, Task<RoutedReply>> OnPublish { get; set; } = static _ => Task.FromResult(new RoutedReply([]));

    public Func<DeviceWill, Task> OnWill { get; set; } = static _ => Task.CompletedTask;

    public Task HelloAsync(GatewayLease newcomer)
    {
        Hellos.Add(newcomer);
        return Task.CompletedTask;
    }

    public Task<InterestChanges> PullInterestsAsync(InterestPull pull) => OnPull(pull);

    public Task<RoutedReply> PublishAsync(RoutedBatch batch) => OnPublish(batch);

    public async Task PublishWillAsync(DeviceWill will)
    {
        await OnWill(will);
        _wills.Writer.TryWrite(will);
    }
}
