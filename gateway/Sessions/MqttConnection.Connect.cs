using System.Collections.Immutable;
using System.Text;
using IotPlatform.Compat;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Routing;
using IotPlatform.Sessions.Kept;
using IotPlatform.Tracing;
using IotPlatform.Transport;

namespace IotPlatform.Sessions;

/// <content>From CONNECT to CONNACK.</content>
internal sealed partial class MqttConnection
{
    private static readonly TimeSpan AttachRetryMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AttachRetryMax = TimeSpan.FromSeconds(1);

    /// <summary>Silos agree within this time that one of them is lost. Clients wait longer than this for CONNACK.</summary>
    private static readonly TimeSpan AttachPatience = TimeSpan.FromSeconds(6);

    // [MQTT-3.1.2-22] One and a half keep-alives; 0 switches it off.
    private static int SilenceMaxFor(int keepAlive) => keepAlive == 0 ? int.MaxValue : (int)Math.Ceiling(keepAlive * 1.5);

    // [MQTT-3.2.2-22] The client's own, unless CONNACK tells it another one, which 3.1.1 has no field for.
    private ushort KeepAliveFor(ConnectPacket connect) =>
        connect.Version == ProtocolVersion.Mqtt500
        && services.Options.KeepAliveMax is { } max
        && (connect.KeepAlive == 0 || connect.KeepAlive > max.TotalSeconds)
            ? (ushort)max.TotalSeconds
            : connect.KeepAlive;

    private ReceiveOutcome HandleConnect(FixedHeader header, ReadOnlySpan<byte> body)
    {
        if (!ConnectPacket.TryRead(body, header.Flags, out var connect, out var error))
        {
            Version = ConnectPacket.AnswerVersion(body);
            return RefuseConnect(error);
        }

        Version = connect.Version;
        MaximumPacketSize = (int)Math.Min(connect.MaximumPacketSize ?? int.MaxValue, int.MaxValue);
        _connectBytes = header.TotalLength;
        _wantsNoProblems = connect.RequestProblemInformation == false;
        ClientId = connect.ClientId;
        if (services.Tracer.IsActive)
        {
            Retrace();
            _trace?.Received(PacketNote.Read(header, body, Version, Sender.Client));
        }

        if (!services.Limits.TryConnect(Connection.RemoteEndPoint))
        {
            return RefuseConnect(ReasonCode.ConnectionRateExceeded);
        }

        if (services.Bans.IsBanned(Connection.RemoteEndPoint))
        {
            return RefuseConnect(ReasonCode.Banned);
        }

        if (Encoding.UTF8.GetByteCount(connect.ClientId) > services.Options.Client.ClientIdBytesMax)
        {
            services.Instruments.Limited(ClientLimit.ClientId);
            return RefuseConnect(ReasonCode.ClientIdentifierNotValid);
        }

        if (connect.AuthenticationMethod is not null)
        {
            return BeginAuthentication(connect);
        }

        Volatile.Write(ref _state, (int)ConnectionState.Attaching);
        _ = AttachAsync(connect, shown: null);
        return ReceiveOutcome.Pause;
    }

    /// <summary>
    /// Answers CONNECT with a refusal, and ends the connection. A client is told only what CONNACK has a code for in its version: that a newer connection of
    /// its device came first is not among them.
    /// </summary>
    private ReceiveOutcome RefuseConnect(ReasonCode reason)
    {
        services.Instruments.Connected(reason.ToString());
        if (reason is not (ReasonCode.ConnectionRateExceeded or ReasonCode.Banned))
        {
            // A flood is counted, and must not become one of the log.
            LogConnectRefused(services.Logger, ConnectionId, Connection.RemoteEndPoint, reason);
        }

        if (Version == ProtocolVersion.Mqtt500 ? reason.IsAllowedIn(PacketType.ConnAck, Sender.Server) : reason.ToConnectReturnCode() is not null)
        {
            // [MQTT-3.1.2-24], [MQTT-3.2.2-19]
            var terms = Terms;
            if (terms.Encode(new ConnAckPacket { ReasonCode = reason, ReasonString = terms.TextFor(PacketType.ConnAck, [reason]) }, new ConnAckPacket { ReasonCode = reason }) is { } connAck)
            {
                Connection.Send(connAck);
            }
        }

        Interlocked.Exchange(ref _state, (int)ConnectionState.Closed);
        CloseGracefully();
        return ReceiveOutcome.Stop;
    }

    private async Task AttachAsync(ConnectPacket connect, ScramLogin? shown)
    {
        try
        {
            var clientId = connect.ClientId.Length > 0 ? connect.ClientId : $"auto-{Guid.NewGuid():N}";
            var login = await services.Logins.ReadAsync(connect, clientId, Connection.CertificateName, shown).ConfigureAwait(false);
            if (login is not null && services.Tracer.IsActive)
            {
                Retrace(login.Device);
                _trace?.Introduced(new PacketNote(PacketType.Connect, 0, "", QoS.AtMostOnce, _connectBytes, ""));
            }

            if (services.Limits.IsBanned(Connection.RemoteEndPoint, login?.Device) || (login is not null && services.Bans.IsBanned(login.Device)))
            {
                RefuseConnect(ReasonCode.Banned);
                return;
            }

            if (login is null)
            {
                services.Limits.Failed(Connection.RemoteEndPoint, device: null);
                RefuseConnect(services.Logins.RefusalOf(connect, clientId));
                return;
            }

            var request = RequestFor(connect, login);
            _topics = services.Logins.TopicsOf(login.Product);
            if (RefusalOfWill(connect, login.Device) is { } refusal)
            {
                RefuseConnect(refusal);
                return;
            }

            _device = services.Grains.GetGrain<IDeviceGrain>(login.Device.GrainKey);
            var reply = await AttachAsync(_device, request).ConfigureAwait(false);
            _order = reply.Order;
            Learn(reply.Generation);
            if (reply.Outcome == AttachOutcome.BadCredential)
            {
                services.Limits.Failed(Connection.RemoteEndPoint, login.Device);
            }

            if (reply.Outcome != AttachOutcome.Attached)
            {
                RefuseConnect(ReasonFor(reply.Outcome));
                return;
            }

            if (shown is not null && reply.ServerSignature is null)
            {
                // A silo of an earlier version knows nothing of proofs: it has judged none.
                RefuseConnect(ReasonCode.ServerUnavailable);
                return;
            }

            await OpenAsync(connect, login, clientId, request, reply).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogAttachFailed(services.Logger, exception, ConnectionId);
            RefuseConnect(ReasonCode.ServerUnavailable);
        }
        finally
        {
            Connection.Resume();
        }
    }

    // The grains of a silo that has just been lost are nowhere for a moment, and this gateway's lease may have been lost with it: clients that wait for both are
    // better off than those that are sent away.
    private async ValueTask<AttachReply> AttachAsync(IDeviceGrain device, AttachRequest request)
    {
        var began = services.Time.GetTimestamp();
        for (var wait = AttachRetryMin; ; wait = wait * 2 < AttachRetryMax ? wait * 2 : AttachRetryMax)
        {
            try
            {
                var reply = await device.AttachAsync(request, CancellationToken.None).ConfigureAwait(false);
                if (reply.Outcome != AttachOutcome.GatewayLapsed || !HasPatience(began, wait))
                {
                    return reply;
                }

                LogAttachRepeated(services.Logger, exception: null, ConnectionId);
            }
            catch (OrleansException exception) when (HasPatience(began, wait))
            {
                LogAttachRepeated(services.Logger, exception, ConnectionId);
            }
            catch
            {
                // The grain may have taken it all the same, and opened its session, which nobody else would close.
                _ = DetachAsync(() => device.GiveUpAsync(request.Attachment, request.Session!.Expiry));
                throw;
            }

            await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), services.Time).ConfigureAwait(false);
        }
    }

    private bool HasPatience(long began, TimeSpan wait) => !IsClosed && services.Time.GetElapsedTime(began) + wait < AttachPatience;

    private AttachRequest RequestFor(ConnectPacket connect, Login login)
    {
        Shard.Announce(this);
        _isAnonymous = login.Credential.Kind == CredentialKind.Anonymous;
        var will = connect.Will is { } asked
            ? new DeviceWill(asked.Topic, asked.Payload, asked.EncodePublishProperties(), (int)asked.QoS, asked.Retain)
            : null;

        // A will waits no longer than its session, and with it: one that has to wait goes where that is kept.
        var expiry = ExpiryOf(connect);
        var waits = will is not null && connect.Will!.DelayInterval > 0 && expiry > TimeSpan.Zero;
        if (will is not null && !waits)
        {
            Seldom.Will = will;
        }

        return new AttachRequest(
            Attachment,
            Shard.Reference,
            login.Credential,
            (DeviceProtocol)connect.Version,
            Connection.RemoteEndPoint.ToString() ?? "",
            Math.Min(connect.ReceiveMaximum ?? ConnectPacket.ReceiveMaximumDefault, services.Options.Session.InFlightMax),
            Order: 0,
            Generation: 0,
            waits ? null : will,
            new SessionWish(
                connect.CleanStart, expiry, services.Options.Session.ToBounds(), waits ? new SessionWill(will!, TimeSpan.FromSeconds(connect.Will!.DelayInterval!.Value)) : null));
    }

    private AttachRequest RequestAgain(DeviceCredential credential) => new(
        Attachment,
        Shard.Reference,
        credential,
        (DeviceProtocol)Version,
        Connection.RemoteEndPoint.ToString() ?? "",
        ReceiveMaximum,
        _order,
        Volatile.Read(ref _generation),
        _seldom?.Will,
        Session: null);

    private async Task OpenAsync(ConnectPacket connect, Login login, string clientId, AttachRequest request, AttachReply reply)
    {
        var expiry = request.Session!.Expiry;
        var opened = reply.Session ?? OpenedSession.NotKept;
        var kept = opened.IsKept ? new KeptSession(services.KeptSessions.Of(login.Device), new SessionName(login.Device, reply.Order)) : null;
        if (services.Sessions.Open(login.Device, this, reply.Order, expiry, kept, out var replaced) is not { } session)
        {
            RefuseConnect(ReasonCode.SessionTakenOver);
            return;
        }

        if (reply.Tags is { } tags)
        {
            session.Learn(tags, isChange: false);
        }

        _session = session;
        ClientId = clientId == login.Device.DeviceName ? login.Device.DeviceName : clientId;
        _since = services.Time.GetUtcNow().UtcTicks;
        if (PublishRate.Of(services.Options.Client, services.Time) is { } rate)
        {
            Seldom.Rate = rate;
        }

        _silenceMax = SilenceMaxFor(KeepAliveFor(connect));
        _lastSeen = services.Watch.Now;
        Takes(
            connect.Version, request.ReceiveMaximum, MaximumPacketSize, Math.Min(connect.TopicAliasMaximum ?? 0, services.Options.Session.TopicAliasMax));
        _isPeer = true;
        _device = null;
        services.Instruments.Connected("Success");
        services.Instruments.Opened();
        LogConnected(services.Logger, ConnectionId, login.Device);
        var forbidden = opened.IsPresent ? Restore(session, opened, replaced) : [];

        if (replaced is not null)
        {
            services.Sessions.End(replaced);
        }

        if (!forbidden.IsEmpty)
        {
            await kept!.ChangeAsync(added: [], forbidden).ConfigureAwait(false);
        }

        if (opened.IsPresent)
        {
            // What it is subscribed to is in effect again before it may count on that.
            await services.Router.WhenEffective().ConfigureAwait(false);
        }

        var connAck = ConnAckFor(connect, login.Device, clientId, opened.IsPresent, expiry, reply.ServerSignature).ToArray(Version);
        if (connAck.Length > MaximumPacketSize)
        {
            // [MQTT-3.1.2-24] Nothing can be said to it. A client that takes this one takes every acknowledgement.
            Disconnect(ReasonCode.PacketTooLarge);
            return;
        }

        _seldom?.Authentication?.Done();

        // Before CONNACK: from then on the client may count on being reached.
        await Shard.OpenedAsync(this).ConfigureAwait(false);
        if (services.Tracer.IsActive)
        {
            Retrace();
        }

        if (!session.TryAttach(this, connAck))
        {
            // Taken over, or overdue, while it was being judged; Closed cleans up.
            return;
        }

        Shard.Attached(this);
        if (kept is not null)
        {
            _ = ResumeAsync(kept);
        }

        if (services.Logins.IsClosed(login.Device))
        {
            // Its product was disabled while it was being judged.
            Disconnect(ReasonCode.NotAuthorized);
        }
        else if (IsBanned())
        {
            // Or it was banned.
            Disconnect(ReasonCode.AdministrativeAction);
        }
        else if (services.Logins.KnownProduct(login.Device) is { } product && product.TopicPermissions != login.Product.TopicPermissions)
        {
            // Or permits something else by now.
            Permit(product);
        }

        if (_silenceMax < services.Options.ConnectTimeout.TotalSeconds)
        {
            // The watch would look at it too late.
            services.Watch.Add(this);
        }

        if (Volatile.Read(ref _wasTaggedEarly))
        {
            // Its grain is asked what they are by now.
            services.Keeper.Check(this);
        }

        if (reply.HasWaiting || Volatile.Read(ref _wasAskedEarly))
        {
            _ = TellAsync(Device.OpenAsync(Attachment));
        }
    }

    /// <returns>The filters that it may not be subscribed to any more.</returns>
    private ImmutableArray<string> Restore(Session session, OpenedSession opened, Session? replaced)
    {
        var forbidden = ImmutableArray.CreateBuilder<string>();
        foreach (var subscription in opened.Subscriptions)
        {
            // Where there are more now than may be, the last ones get their QoS 1 and 2 messages only.
            var filter = Encoding.UTF8.GetBytes(subscription.Filter);
            var terms = SubscriptionTerms.OfKept(subscription.Options, subscription.Identifier);
            if (!Topics.MaySubscribeTo(filter))
            {
                forbidden.Add(subscription.Filter);
            }
            else if (session.TrySubscribe(filter, terms, out _))
            {
                TryRoute(session, filter, terms);
            }
        }

        // What came last on its connection before, and is still under way here, comes first.
        session.LastPublish = replaced?.LastPublish;
        session.LastTaken = replaced?.LastTaken;
        session.Received = replaced?.Received;
        if (session.Received is null && !opened.Received.IsEmpty)
        {
            (session.Received = new ReceivedPublishes(session.Kept)).Restore(opened.Received);
        }

        return forbidden.ToImmutable();
    }

    private async Task ResumeAsync(KeptSession kept)
    {
        try
        {
            await kept.ResumeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Its session sends nothing: the client is better off with a new connection.
            LogGrainFailed(services.Logger, exception, ConnectionId);
            Disconnect(ReasonCode.ServerBusy);
        }
    }

    private ReasonCode? RefusalOfWill(ConnectPacket connect, DeviceId device) =>
        connect.Will is { } will ? RefusalOfPublish(Encoding.UTF8.GetBytes(will.Topic), new TopicPolicy(device, _topics!)) : null;

    private TimeSpan ExpiryOf(ConnectPacket connect)
    {
        // 3.1.1: a session that is not clean stays for as long as the server keeps sessions.
        var wanted = connect.Version == ProtocolVersion.Mqtt500 ? TimeSpan.FromSeconds(connect.SessionExpiryInterval ?? 0)
            : connect.CleanStart ? TimeSpan.Zero
            : TimeSpan.MaxValue;
        return wanted < services.Options.Session.ExpiryMax ? wanted : services.Options.Session.ExpiryMax;
    }

    private ConnAckPacket ConnAckFor(ConnectPacket connect, DeviceId device, string clientId, bool isSessionPresent, TimeSpan expiry, ReadOnlyMemory<byte>? signature)
    {
        var limits = services.Options.Session;
        var keepAlive = KeepAliveFor(connect);
        return Version == ProtocolVersion.Mqtt311
            ? new ConnAckPacket { SessionPresent = isSessionPresent }
            : new ConnAckPacket
            {
                SessionPresent = isSessionPresent,
                AssignedClientIdentifier = connect.ClientId.Length == 0 ? clientId : null,
                SessionExpiryInterval = connect.SessionExpiryInterval > limits.ExpiryMax.TotalSeconds ? (uint)expiry.TotalSeconds : null,
                ServerKeepAlive = keepAlive == connect.KeepAlive ? null : keepAlive,
                ReceiveMaximum = (ushort)limits.ReceiveMaximum,
                MaximumPacketSize = (uint)services.Options.PacketBytesMax,
                TopicAliasMaximum = limits.TopicAliasMax == 0 ? null : (ushort)limits.TopicAliasMax,

                // [MQTT-4.12.0-5]; with it the client knows that the server knows its secret too.
                AuthenticationMethod = connect.AuthenticationMethod,
                AuthenticationData = signature is { } known ? ScramExchange.ServerFinal(known) : default(ReadOnlyMemory<byte>?),

                // Section 3.1.2.11.6: a branch of its own, where it may subscribe.
                ResponseInformation = connect.RequestResponseInformation == true ? $"/{device.ProductKey}/{device.DeviceName}/response/" : null,
            };
    }
}
