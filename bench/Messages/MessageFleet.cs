using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>The devices of every load of messages.</summary>
internal static class MessageFleet
{
    public static DeviceNames Names { get; } = new('m');

    /// <summary>What they do on a server, and whom they tell what comes.</summary>
    public static FleetOptions Options(IServer server, SendLoad load, MessageLedger ledger)
    {
        // The platform needs no subscription, and has a device's messages wait for it in any case.
        var isPlatform = server is IPlatform;
        return new FleetOptions(load.Devices, Names, server.MqttPorts)
        {
            IsSessionKept = !isPlatform,
            SubscribeToOf = isPlatform ? null : MqttPublisher.TopicOf,
            SubscribeQos = 1,
            Receiver = new MessageReceiver(ledger, DeliveryCheck.OwnTopics(isPlatform ? Names.MessageTopicOf : MqttPublisher.TopicOf, load.Devices, load.PayloadBytes, hasMessageIds: isPlatform)),
        };
    }
}
