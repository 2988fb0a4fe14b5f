using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>How messages are sent to the devices of a server.</summary>
internal static class MessageCallers
{
    // Tokens are those of one pool.
    private const int FirstToken = 0;

    /// <summary>Makes a caller; a server that is not the platform has one way only, which is MQTT's.</summary>
    public static IMessageCaller Of(IServer server, MessageApi api, SendLoad load, MessageLedger ledger, Faults faults)
    {
        if (server is not IPlatform platform)
        {
            return new MqttPublisher(server, load, ledger);
        }

        return api switch
        {
            MessageApi.Stream => new StreamCaller(platform, load, MessageFleet.Names, ledger, faults),
            MessageApi.Unary => new UnaryCaller(platform, load, MessageFleet.Names, ledger, faults),
            _ => new MessageCaller(platform, new HttpPool(platform.HttpPorts, load.Callers, FirstToken), MessageFleet.Names, load.PayloadBytes, ledger, faults),
        };
    }
}
