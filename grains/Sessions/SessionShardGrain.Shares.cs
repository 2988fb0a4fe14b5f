using System.Collections.Immutable;
using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Topics;
using Microsoft.Extensions.Logging;

namespace IotPlatform.Sessions;

/// <content>Messages of shared subscriptions (MQTT 5.0 section 4.8.2) whose session ends before its client had them: they are for the other members.</content>
internal sealed partial class SessionShardGrain
{
    private const int HandOverAttemptsMax = 3;

    /// <summary>Gives what a session still has of shared subscriptions to their other members.</summary>
    /// <returns>False when no gateway could be found to do so.</returns>
    private async Task<bool> HandOverAsync(StoredSession session)
    {
        // What comes while the first is being given away is given away behind it; then the session is taken out in one turn.
        var last = 0L;
        for (var round = 0; round < 2; round++)
        {
            var shared = await SharedOfAsync(session, last);
            if (shared.IsEmpty)
            {
                return true;
            }

            last = session.LastSequence;
            if (!await services.AnyGateway.TryCallAsync(gateway => gateway.RedistributeAsync(shared), HandOverAttemptsMax))
            {
                LogNotHandedOver(services.Logger, session.Device, shared.Length);
                return false;
            }

            services.Instruments.HandedOver(shared.Length);
        }

        return true;
    }

    private async Task<ImmutableArray<RoutedPublish>> SharedOfAsync(StoredSession session, long last)
    {
        var now = Now;
        if (!session.Subscriptions.Any(static subscription => SharedSubscription.IsShared(Encoding.UTF8.GetBytes(subscription.Filter))))
        {
            return [];
        }

        // [MQTT-4.8.2-5] A QoS 2 message whose delivery has begun goes to nobody else.
        QueuedMessage[] open =
            [.. session.Queue.Messages.Where(message => message.Sequence > last && !message.IsExpired(now) && (message.QoS == QoS.AtLeastOnce || !(message.IsDuplicate || message.IsReleased)))];
        var stored = open.Any(static message => message.Copy is null)
            ? (await services.Store.LoadMessagesAsync(_shard, session.Device)).ToDictionary(static entry => entry.Sequence, static entry => entry.Copy)
            : [];
        return
        [
            .. open.Select(message => message.Copy ?? stored.GetValueOrDefault(message.Sequence)).Where(static copy => copy?.Share is not null).Select(static copy => ToRouted(copy!)),
        ];
    }

    private static RoutedPublish ToRouted(StoredCopy copy) => new(
        copy.Message.Topic, copy.Message.Payload, copy.Message.Properties, copy.Message.QoS, Retain: false, [copy.Share!], SharesOnly: true, ServedElsewhere: null,
        copy.Message.ExpiresAt, copy.Message.PublishId);

    [LoggerMessage(3504, LogLevel.Warning, "{Device}: {Count} messages of shared subscriptions could not be given to their other members")]
    private static partial void LogNotHandedOver(ILogger logger, Devices.DeviceId device, int count);
}
