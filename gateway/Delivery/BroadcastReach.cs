using System.Collections.Immutable;
using IotPlatform.Broadcasts;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>Asks and tells which devices have had a broadcast that devices get which come online later.</summary>
internal sealed partial class BroadcastReach(IGrainFactory grains, ILogger logger)
{
    /// <summary>Roots have more patience than this: what they ask must not wait for all of a store's outage.</summary>
    private static readonly TimeSpan OthersTimeMax = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Tells of the devices that a broadcast has reached since that was told last; what somebody else is telling at the moment is told too when this is done, unless that
    /// takes long. What can not be told is told with what comes next.
    /// </summary>
    public async Task TellAsync(OngoingBroadcast broadcast)
    {
        if (!await broadcast.Telling.WaitAsync(OthersTimeMax).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await TellAsync(broadcast, broadcast.TakeReached()).ConfigureAwait(false);
        }
        finally
        {
            broadcast.Telling.Release();
        }
    }

    /// <summary>Which of these connections' devices have not had a broadcast: it is written to them now.</summary>
    public async Task<ClaimedConnections> ClaimAsync(OngoingBroadcast broadcast, IReadOnlyCollection<MqttConnection> connections)
    {
        var missing = ImmutableArray.CreateBuilder<MqttConnection>();
        var unknown = ImmutableArray.CreateBuilder<MqttConnection>();
        foreach (var part in connections
            .Select(static connection => (Connection: connection, Hash: IReachedDevicesGrain.HashOf(connection.Session!.Device.DeviceName)))
            .GroupBy(static device => IReachedDevicesGrain.PartOf(device.Hash)))
        {
            var devices = part.ToList();
            try
            {
                // At QoS 1 a device has had it when it has acknowledged it.
                var reply = await GrainOf(broadcast, part.Key)
                    .ClaimAsync(new DeviceHashes([.. devices.Select(static device => device.Hash)]), marks: broadcast.Message.QoS == 0)
                    .ConfigureAwait(false);
                missing.AddRange(devices.Where((_, i) => reply.AreNew[i]).Select(static device => device.Connection));
            }
            catch (Exception exception)
            {
                LogNotClaimed(logger, exception, broadcast.Message.MessageId);
                unknown.AddRange(devices.Select(static device => device.Connection));
            }
        }

        return new ClaimedConnections(missing.ToImmutable(), unknown.ToImmutable());
    }

    private Task TellAsync(OngoingBroadcast broadcast, ulong[] reached) =>
        Task.WhenAll(reached.GroupBy(IReachedDevicesGrain.PartOf).Select(part => TellAsync(broadcast, part.Key, [.. part])));

    private async Task TellAsync(OngoingBroadcast broadcast, int part, ImmutableArray<ulong> reached)
    {
        try
        {
            await GrainOf(broadcast, part).ReachedAsync(new DeviceHashes(reached)).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogNotTold(logger, exception, broadcast.Message.MessageId);
            broadcast.Reached(reached);
        }
    }

    private IReachedDevicesGrain GrainOf(OngoingBroadcast broadcast, int part) =>
        grains.GetGrain<IReachedDevicesGrain>(IReachedDevicesGrain.KeyOf(broadcast.Message.MessageId, part));

    [LoggerMessage(4310, LogLevel.Warning, "Which devices broadcast {MessageId} has reached could not be told; it is told again")]
    private static partial void LogNotTold(ILogger logger, Exception exception, long messageId);

    [LoggerMessage(4311, LogLevel.Warning, "Whether devices have had broadcast {MessageId} could not be asked; it is asked again")]
    private static partial void LogNotClaimed(ILogger logger, Exception exception, long messageId);
}
