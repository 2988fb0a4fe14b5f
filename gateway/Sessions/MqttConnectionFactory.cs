using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <summary>Makes the protocol side of new connections, whatever carries them.</summary>
internal sealed class MqttConnectionFactory(MqttConnectionServices services)
{
    public IConnectionHandler Create(IConnection transport)
    {
        var connection = new MqttConnection(transport, services);
        services.Watch.Add(connection);
        return connection;
    }
}
