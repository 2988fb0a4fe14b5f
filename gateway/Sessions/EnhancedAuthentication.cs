using System.Diagnostics;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Sessions;

/// <summary>
/// Where the enhanced authentication of a connection stands (section 4.12): at its login, and whenever its client renews it later. There is one for each
/// connection whose CONNECT named a method, for as long as the connection. Only <see cref="Done"/> may be called beside the packets.
/// </summary>
/// <param name="connect">What is to be answered at the end of the first one.</param>
internal sealed class EnhancedAuthentication(ConnectPacket connect)
{
    private ConnectPacket? _connect = connect;
    private ScramExchange? _exchange;
    private DeviceId? _device;
    private int _step;

    public ScramStep Step => (ScramStep)Volatile.Read(ref _step);

    /// <summary>Who the client said it was when it logged in; null before.</summary>
    public DeviceId? Device => _device;

    /// <summary>The client has not said yet who it is, and is asked to.</summary>
    public void AskForFirst() => Move(ScramStep.AwaitingFirst);

    /// <summary>The client has said who it is.</summary>
    /// <returns>What it is told.</returns>
    public byte[] Begin(ScramClientFirst first, DeviceId device)
    {
        Debug.Assert(_device is null || _device == device, "a connection is one device's");
        _device = device;
        _exchange = new ScramExchange(first, ScramExchange.NewNonce(), ScramExchange.SaltOf(first.UserName), ScramExchange.Iterations);
        Move(ScramStep.AwaitingFinal);
        return _exchange.ServerFirst;
    }

    /// <summary>The client has shown its proof: that is to be judged, until <see cref="Done"/>.</summary>
    public bool TryFinish(ReadOnlySpan<byte> message, out ScramLogin? login, out ScramFault fault)
    {
        login = _exchange!.TryFinish(message, out var proof, out fault) ? new ScramLogin(_exchange.UserName, proof) : null;
        _exchange = null;
        Move(ScramStep.Judging);
        return login is not null;
    }

    /// <summary>The CONNECT that the first authentication is for; null later.</summary>
    public ConnectPacket? TakeConnect()
    {
        var taken = _connect;
        _connect = null;
        return taken;
    }

    /// <summary>The client is who it says it is, and may be asked to show it again.</summary>
    public void Done() => Move(ScramStep.Idle);

    private void Move(ScramStep step) => Volatile.Write(ref _step, (int)step);
}
