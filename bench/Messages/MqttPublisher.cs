using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Load;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Messages;

/// <summary>
/// Sends messages on a broker that knows topics only: clients publish at QoS 1, each device has a topic of its own, and PUBACK stands for the answer. A device's
/// messages always come from the same client.
/// </summary>
internal sealed class MqttPublisher(IServer server, SendLoad load, MessageLedger ledger) : IMessageCaller
{
    private static readonly DeviceNames Clients = new('p');

    private readonly MqttPublisherConnection?[] _connections = new MqttPublisherConnection?[load.Streams];

    /// <summary>The topic of a device: without the message id, and the slash before it.</summary>
    public static byte[] TopicOf(int device) => MessageFleet.Names.MessageTopicOf(device)[..^1];

    public void Open(Epoll epoll)
    {
        for (var index = 0; index < _connections.Length; index++)
        {
            var port = server.MqttPorts[index % server.MqttPorts.Count];
            var connection = _connections[index] = new MqttPublisherConnection(port, Clients, index, TopicOf(0), load, ledger);
            epoll.Watch(connection.Descriptor, Epoll.Readable, index);
        }
    }

    public bool MayCallFor(int device) => ConnectionOf(device).MayPublish;

    public void Call(int sequence)
    {
        var device = ledger[sequence].Device;
        ConnectionOf(device).Publish(device, sequence);
    }

    public void Flush()
    {
        foreach (var connection in _connections)
        {
            connection!.Flush();
        }
    }

    public void Handle(int token) => _connections[token]!.Receive();

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection?.Dispose();
        }
    }

    private MqttPublisherConnection ConnectionOf(int device) => _connections[device % _connections.Length]!;
}
