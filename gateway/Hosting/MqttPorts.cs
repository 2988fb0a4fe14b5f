using System.Net;
using System.Net.Sockets;
using IotPlatform.Diagnostics;
using IotPlatform.Transport;
using IotPlatform.Transport.Tls;
using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>The ports for MQTT that are not the HTTP server's: plain, and over TLS where there is a certificate.</summary>
internal sealed partial class MqttPorts(
    SocketEntrance entrance,
    TlsCertificates certificates,
    GatewayInstruments instruments,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<MqttPorts>();
    private readonly List<Transport.TcpListener> _listeners = [];

    /// <exception cref="InvalidOperationException">A port can not be listened on; says which.</exception>
    /// <exception cref="OptionsValidationException">There is no TLS to be had from what is configured.</exception>
    public void Open()
    {
        var address = IPAddress.Parse(options.Value.Address);
        if (certificates.IsConfigured)
        {
            certificates.Load();
            Listen(new IPEndPoint(address, options.Value.Tls.Port), entrance.EnterTls, "MQTT over TLS", "Mqtt:Tls:Port");
        }

        Listen(new IPEndPoint(address, options.Value.Port), entrance.EnterPlain, "MQTT", "Mqtt:Port");
    }

    /// <summary>Takes no more connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        _listeners.Clear();
    }

    private void Listen(IPEndPoint endPoint, Action<Socket> accepted, string what, string setting)
    {
        var listener = new Transport.TcpListener(accepted, instruments, time, loggers.CreateLogger<Transport.TcpListener>());
        try
        {
            listener.Start(endPoint);
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException($"{what} can not listen on {endPoint} (Mqtt:Address, {setting}): {exception.Message}", exception);
        }

        _listeners.Add(listener);
        LogListening(_logger, what, listener.LocalEndPoint);
    }

    [LoggerMessage(4014, LogLevel.Information, "{What} is taken on {EndPoint}")]
    private static partial void LogListening(ILogger logger, string what, EndPoint endPoint);
}
