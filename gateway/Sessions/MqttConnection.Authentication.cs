using IotPlatform.Compat;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>
/// Enhanced authentication (section 4.12), with SCRAM-SHA-256. What a client is to prove its secret with is told without asking anybody; the device's grain
/// judges the proof, in the same call that attaches the connection.
/// </content>
internal sealed partial class MqttConnection
{
    private ReceiveOutcome BeginAuthentication(ConnectPacket connect)
    {
        if (connect.AuthenticationMethod != ScramExchange.Method)
        {
            // [MQTT-4.12.0-1]
            return RefuseConnect(ReasonCode.BadAuthenticationMethod);
        }

        var authentication = new EnhancedAuthentication(connect);
        Seldom.Authentication = authentication;
        Volatile.Write(ref _state, (int)ConnectionState.Authenticating);
        return HandleClientFirst(authentication, connect.AuthenticationData);
    }

    private ReceiveOutcome HandleAuthenticating(FixedHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case PacketType.Auth:
                return HandleAuth(header, body);
            case PacketType.Disconnect:
                // Section 4.12: a client may give up. It has no session yet, and no will.
                Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
                Connection.Close(isGraceful: false);
                return ReceiveOutcome.Stop;
            default:
                // [MQTT-3.1.2-30]
                return Refuse(ReasonCode.ProtocolError);
        }
    }

    private ReceiveOutcome HandleAuth(FixedHeader header, ReadOnlySpan<byte> body)
    {
        if (!AuthPacket.TryRead(body, header.Flags, Version, Sender.Client, out var packet, out var error))
        {
            return Refuse(error);
        }

        if (_seldom?.Authentication is not { } authentication || packet.AuthenticationMethod != ScramExchange.Method)
        {
            // [MQTT-4.12.0-7] without a method in CONNECT; [MQTT-4.12.0-5], [MQTT-4.12.1-1] with another one.
            return Refuse(ReasonCode.ProtocolError);
        }

        // [MQTT-4.12.0-3] A client goes on with 0x18; 0x19 begins anew, on an open connection that is not at it already.
        return (packet.ReasonCode, authentication.Step) switch
        {
            (ReasonCode.ReAuthenticate, ScramStep.Idle) or (ReasonCode.ContinueAuthentication, ScramStep.AwaitingFirst) =>
                HandleClientFirst(authentication, packet.AuthenticationData),
            (ReasonCode.ContinueAuthentication, ScramStep.AwaitingFinal) => HandleClientFinal(authentication, packet.AuthenticationData),
            _ => Refuse(ReasonCode.ProtocolError),
        };
    }

    private ReceiveOutcome HandleClientFirst(EnhancedAuthentication authentication, ReadOnlyMemory<byte>? data)
    {
        if (data is null && authentication.Step == ScramStep.Idle)
        {
            // [RFC 4422 5] The client begins. One that waits to be asked is.
            authentication.AskForFirst();
            return SendAuth(ReasonCode.ContinueAuthentication, data: null);
        }

        if (!ScramClientFirst.TryParse(data.GetValueOrDefault().Span, out var first, out var fault))
        {
            return RefuseAuthentication(authentication.Device, fault);
        }

        // What can be no device's name is no secret. A connection stays the device's that it was opened for.
        var device = LoginReader.DeviceOf(first!.UserName);
        if (device is null || (authentication.Device ?? device) != device)
        {
            return RefuseAuthentication(device, ScramFault.BadName);
        }

        // Whoever is open already has shown who it is: others that fail in its name do not end that.
        return !IsOpen && services.Limits.IsBanned(Connection.RemoteEndPoint, device)
            ? Refuse(ReasonCode.Banned)
            : SendAuth(ReasonCode.ContinueAuthentication, authentication.Begin(first, device.Value));
    }

    private ReceiveOutcome HandleClientFinal(EnhancedAuthentication authentication, ReadOnlyMemory<byte>? data)
    {
        if (!authentication.TryFinish(data.GetValueOrDefault().Span, out var login, out var fault))
        {
            return RefuseAuthentication(authentication.Device, fault);
        }

        if (authentication.TakeConnect() is { } connect)
        {
            Volatile.Write(ref _state, (int)ConnectionState.Attaching);
            _ = AttachAsync(connect, login);
            return ReceiveOutcome.Pause;
        }

        // Section 4.12.1: other packets flow meanwhile.
        _ = AuthenticateAgainAsync(authentication, login!.Proof);
        return ReceiveOutcome.Continue;
    }

    // [MQTT-4.12.0-4], [MQTT-4.12.1-2] What the client shows is no proof: that counts as a wrong password does.
    private ReceiveOutcome RefuseAuthentication(DeviceId? device, ScramFault fault)
    {
        LogAuthenticationRefused(services.Logger, ConnectionId, fault);
        services.Limits.Failed(Connection.RemoteEndPoint, device);
        return Refuse(ReasonCode.NotAuthorized);
    }

    // The grain judges the proof as it does at a login, and is attached to the connection again where it has forgotten it.
    private async Task AuthenticateAgainAsync(EnhancedAuthentication authentication, ScramProof proof)
    {
        try
        {
            var reply = await AttachAgainAsync(new DeviceCredential(CredentialKind.Scram, "", proof)).ConfigureAwait(false);
            if (reply.Outcome == AttachOutcome.BadCredential)
            {
                services.Limits.Failed(Connection.RemoteEndPoint, authentication.Device);
            }
            else if (reply.Outcome == AttachOutcome.GatewayLapsed || (reply.Outcome == AttachOutcome.Attached && reply.ServerSignature is null))
            {
                Disconnect(ReasonCode.ServerBusy);
            }
            else if (reply.ServerSignature is { } signature && IsOpen)
            {
                authentication.Done();
                SendAuth(ReasonCode.Success, ScramExchange.ServerFinal(signature));
            }
        }
        catch (Exception exception)
        {
            LogGrainFailed(services.Logger, exception, ConnectionId);
            Disconnect(ReasonCode.ServerBusy);
        }
    }

    // [MQTT-4.12.0-2] 0x18 for as long as more is needed; [MQTT-4.12.0-5] with the method of CONNECT.
    private ReceiveOutcome SendAuth(ReasonCode reason, ReadOnlyMemory<byte>? data)
    {
        var packet = new AuthPacket { ReasonCode = reason, AuthenticationMethod = ScramExchange.Method, AuthenticationData = data };
        if (packet.EncodedSize(Version) > MaximumPacketSize)
        {
            // [MQTT-3.1.2-24] It could not be said.
            return Refuse(ReasonCode.PacketTooLarge);
        }

        if (_session is { } session)
        {
            session.SendBehind(Connection, packet.ToArray(Version));
        }
        else
        {
            Connection.Send(packet.ToArray(Version));
        }

        return ReceiveOutcome.Continue;
    }
}
