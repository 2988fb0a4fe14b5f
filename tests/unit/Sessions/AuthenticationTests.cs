using System.Text;
using IotPlatform.Compat;
using IotPlatform.Devices;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Mqtt.Tests.Support;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Enhanced authentication (section 4.12): what client and server say to each other, and what is no part of it.</summary>
public sealed class AuthenticationTests : IAsyncDisposable
{
    private const string Secret = "0123456789abcdef";
    private const string UserName = "d&p";

    private static readonly DeviceId Device = new("p", "d");

    private readonly Edge _edge = NewEdge();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    // [MQTT-4.12.0-2], [MQTT-4.12.0-5], [MQTT-3.15.2-1]
    [Fact]
    public async Task Login_WithAProof_GoesThroughAuthToConnAck_WhichNamesTheMethodAndProvesTheServer()
    {
        var scram = new ScramClient(UserName, Secret);
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(scram.First()));
        var challenge = Assert.Single(client.Packets).Auth!;
        Assert.Equal((ReasonCode.ContinueAuthentication, ScramClient.Method), (challenge.ReasonCode, challenge.AuthenticationMethod));
        Assert.Null(challenge.ReasonString);
        Assert.False(client.Owner.IsOpen);
        Assert.Null(client.ConnAck);

        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(challenge.AuthenticationData!.Value.Span)));
        await OpenAsync(client);
        var connAck = client.ConnAck!;
        Assert.Equal((ReasonCode.Success, ScramClient.Method), (connAck.ReasonCode, connAck.AuthenticationMethod));
        Assert.True(scram.Accepts(connAck.AuthenticationData!.Value.Span));
        Assert.Single(client.Packets);
        Assert.False((await client.PublishAsync("/p/d/t", "served")).IsFailure());
    }

    // A client that does not begin is asked to [RFC 4422 5].
    [Fact]
    public async Task Login_OfAClientThatWaitsToBeAsked_GoesOneStepMore()
    {
        var scram = new ScramClient(UserName, Secret);
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(data: null));
        var question = Assert.Single(client.Packets).Auth!;
        Assert.Equal((ReasonCode.ContinueAuthentication, ScramClient.Method, true), (question.ReasonCode, question.AuthenticationMethod, question.AuthenticationData is null));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, 2))));
        await OpenAsync(client);
        Assert.True(scram.Accepts(client.ConnAck.AuthenticationData!.Value.Span));
    }

    [Fact]
    public void Login_OfAClientThatIsAskedAndSaysNothing_IsRefused()
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(data: null));
        client.Send(Auth(ReasonCode.ContinueAuthentication, data: null));
        AssertRefused(client, ReasonCode.NotAuthorized, packets: 1);
    }

    // [MQTT-4.12.0-4] Whatever is wrong with it, and whoever it is: what a stranger is told is the same, up to the end.
    [Theory]
    [InlineData(UserName, "wrong")]
    [InlineData("unknown&p", Secret)]
    [InlineData("d&unknown", Secret)]
    public async Task Login_WithAWrongProof_IsNotAuthorized_AtItsEnd(string userName, string secret)
    {
        var scram = new ScramClient(userName, secret);
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(scram.First()));
        var challenge = Challenge(client);
        Assert.Matches("^r=rOprNGfwEbeRWgbNEkqO[^,]{24},s=[^,]{24},i=4096$", Encoding.UTF8.GetString(challenge));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(challenge)));
        await Patience.UntilAsync(() => client.ConnAck is not null, "CONNACK");
        AssertRefused(client, ReasonCode.NotAuthorized, packets: 1);
    }

    [Fact]
    public async Task Challenge_OfAStranger_IsAsStableAsADevices()
    {
        foreach (var userName in new[] { UserName, "unknown&p" })
        {
            Assert.Equal(SaltOf(userName), SaltOf(userName));
        }

        Assert.NotEqual(SaltOf(UserName), SaltOf("unknown&p"));
        await using var another = new Edge(followsSessions: false);
        Assert.Equal(SaltOf("unknown&p"), SaltOf("unknown&p", another));
    }

    // What can be no device of a registered product is told so at once.
    [Theory]
    [InlineData("no separator")]
    [InlineData("a b&p")]
    [InlineData("d&" + LoginReader.AnonymousProduct)]
    public void Login_OfWhatCanBeNoDevice_IsNotAuthorized(string userName)
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(new ScramClient(userName, Secret).First()));
        AssertRefused(client, ReasonCode.NotAuthorized);
    }

    [Theory]
    [InlineData("n,,n=d&p")]
    [InlineData("p=tls-unique,,n=d&p,r=abc")]
    [InlineData("n,a=other&p,n=d&p,r=abc")]
    [InlineData("")]
    public void Login_WithABeginningThatIsNone_IsNotAuthorized(string first)
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(Encoding.UTF8.GetBytes(first)));
        AssertRefused(client, ReasonCode.NotAuthorized);
    }

    [Fact]
    public void Login_WithAnEndThatIsNone_IsNotAuthorized()
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(new ScramClient(UserName, Secret).First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, "c=biws"u8.ToArray()));
        AssertRefused(client, ReasonCode.NotAuthorized, packets: 1);
    }

    // Nothing that was seen once is good for another exchange.
    [Fact]
    public void Proof_ThatIsReplayed_IsRefused()
    {
        var scram = new ScramClient(UserName, Secret);
        var seen = EdgeClient.Open(_edge);
        seen.Send(Connect(scram.First()));
        var final = scram.Final(Challenge(seen));
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, final));
        AssertRefused(client, ReasonCode.NotAuthorized, packets: 1);
    }

    // [MQTT-3.1.2-30], [MQTT-3.15.2-1], [MQTT-4.12.0-5]; what is not AUTH is a protocol error until CONNACK.
    [Theory]
    [InlineData("F0 < 19 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 00 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 87 < 15 ['SCRAM-SHA-256'] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 18 < 15 ['SCRAM-SHA-1'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 18 00 >", ReasonCode.ProtocolError)]
    [InlineData("F0 00", ReasonCode.ProtocolError)]
    [InlineData("F1 < 18 < 15 ['SCRAM-SHA-256'] > >", ReasonCode.MalformedPacket)]
    [InlineData("F0 < 18 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] 11 00000001 > >", ReasonCode.MalformedPacket)]
    [InlineData("F0 < 18 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > 00 >", ReasonCode.MalformedPacket)]
    [InlineData("10 < ['MQTT'] 05 02 0000 00 ['c'] >", ReasonCode.ProtocolError)]
    [InlineData("30 < ['a'] 00 'x' >", ReasonCode.ProtocolError)]
    [InlineData("82 < 0001 00 ['a'] 00 >", ReasonCode.ProtocolError)]
    [InlineData("C0 00", ReasonCode.ProtocolError)]
    [InlineData("D0 00", ReasonCode.ProtocolError)]
    [InlineData("00 00", ReasonCode.MalformedPacket)]
    [InlineData("F0 80 80 80 01", ReasonCode.PacketTooLarge)]
    public void Packet_ThatHasNoPlaceInALogin_IsRefusedWithItsReason_AndCloses(string packet, ReasonCode reason)
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(new ScramClient(UserName, Secret).First()));
        client.Send(Notation.Bytes(packet));
        AssertRefused(client, reason, packets: 1);
    }

    // Section 4.12
    [Fact]
    public void Disconnect_InTheMiddleOfALogin_EndsItWithoutAWord()
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(new ScramClient(UserName, Secret).First()));
        client.Send(new DisconnectPacket());
        Assert.True(client.IsClosed);
        Assert.Null(client.ConnAck);
        Assert.Single(client.Packets);
    }

    // The time for CONNECT is the time for all of it, whatever the client sends.
    [Fact]
    public async Task Login_ThatIsNotFinishedInTime_IsClosed()
    {
        var client = EdgeClient.Open(_edge);
        _edge.Watch.Add(client.Owner);
        _edge.Time.Advance(_edge.Settings.ConnectTimeout - TimeSpan.FromSeconds(2));
        client.Send(Connect(data: null));
        client.Send(Auth(ReasonCode.ContinueAuthentication, new ScramClient(UserName, Secret).First()));
        Assert.False(client.IsClosed);
        for (var second = 0; second < 4; second++)
        {
            _edge.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Patience.UntilAsync(() => client.IsClosed, "the end of a login that takes too long");
        Assert.Null(client.ConnAck);
    }

    // A user name and a password may be there as well, and must say the same.
    [Theory]
    [InlineData(UserName, null, true)]
    [InlineData(UserName, Secret, true)]
    [InlineData(null, Secret, true)]
    [InlineData(UserName, "wrong", false)]
    [InlineData("e&p", Secret, false)]
    public async Task UserNameAndPassword_BesideAProof_MustSayTheSame(string? userName, string? password, bool isLetIn)
    {
        var scram = new ScramClient(UserName, Secret);
        var client = EdgeClient.Open(_edge);
        client.Send(new ConnectPacket
        {
            CleanStart = true,
            UserName = userName,
            Password = password is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(password),
            AuthenticationMethod = ScramClient.Method,
            AuthenticationData = scram.First(),
        });
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client))));
        await Patience.UntilAsync(() => client.ConnAck is not null, "CONNACK");
        Assert.Equal(isLetIn ? ReasonCode.Success : ReasonCode.NotAuthorized, client.ConnAck.ReasonCode);
    }

    // An open product lets in whoever names a device. Who asks for proofs wants to know that the server has the secret.
    [Theory]
    [InlineData(Secret, ReasonCode.Success)]
    [InlineData("wrong", ReasonCode.NotAuthorized)]
    public async Task Proof_InAnOpenProduct_MustBeRightToo(string secret, ReasonCode expected)
    {
        _edge.Host.Registry.Add(new ProductView("p", "", IsEnabled: true, IsRegistrationOpen: true, _edge.Time.GetUtcNow(), []));
        var scram = new ScramClient(UserName, secret);
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client))));
        await Patience.UntilAsync(() => client.ConnAck is not null, "CONNACK");
        Assert.Equal(expected, client.ConnAck.ReasonCode);
    }

    [Fact]
    public async Task Proofs_ThatAreWrong_CountAsFailedLogins_AndABannedAddressIsToldNoSalt()
    {
        for (var i = 0; i < _edge.Settings.Limits.LoginFailuresPerAddressMax; i++)
        {
            var scram = new ScramClient(UserName, "wrong");
            var client = EdgeClient.Open(_edge);
            client.Send(Connect(scram.First()));
            client.Send(Auth(ReasonCode.ContinueAuthentication, i % 2 == 0 ? scram.Final(Challenge(client)) : "none"u8.ToArray()));
            await Patience.UntilAsync(() => client.ConnAck is not null, "CONNACK");
            AssertRefused(client, ReasonCode.NotAuthorized, packets: 1);
        }

        var banned = EdgeClient.Open(_edge);
        banned.Send(Connect(new ScramClient(UserName, Secret).First()));
        AssertRefused(banned, ReasonCode.Banned);
    }

    // [MQTT-3.1.2-24]
    [Fact]
    public void Challenge_ThatIsLargerThanTheClientTakes_IsNotSent()
    {
        var client = EdgeClient.Open(_edge);
        client.Send(new ConnectPacket
        {
            CleanStart = true,
            MaximumPacketSize = 50,
            AuthenticationMethod = ScramClient.Method,
            AuthenticationData = new ScramClient(UserName, Secret).First(),
        });
        AssertRefused(client, ReasonCode.PacketTooLarge);
    }

    // Section 4.12.1; [MQTT-4.12.0-5] Other packets are answered in between.
    [Fact]
    public async Task Reauthentication_WithTheSecret_EndsInSuccess_AndTheConnectionStays()
    {
        var client = await LogInAsync();
        for (var round = 1; round <= 2; round++)
        {
            var scram = new ScramClient(UserName, Secret, nonce: $"round{round}");
            var before = client.Packets.Count;
            client.Send(Auth(ReasonCode.ReAuthenticate, scram.First()));
            client.Send([0xC0, 0x00]);
            client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, before + 1))));
            client.Send([0xC0, 0x00]);
            await Patience.UntilAsync(() => client.Packets.Exists(static p => p.Reason == ReasonCode.Success && p.Auth is not null) && client.Packets.Count == before + 4, "AUTH with success");
            var packets = client.Packets[before..];
            Assert.Equal(2, packets.Count(static p => p.Type == PacketType.PingResp));
            var success = packets.Single(static p => p.Auth is { ReasonCode: ReasonCode.Success }).Auth!;
            Assert.Equal(ScramClient.Method, success.AuthenticationMethod);
            Assert.True(scram.Accepts(success.AuthenticationData!.Value.Span));
        }

        Assert.True(client.Owner.IsOpen);
        Assert.True((await _edge.Host.Engine.GetGrain<IDeviceGrain>(Device.GrainKey).GetAsync()).Value!.Connection!.IsOnline);
    }

    // [MQTT-4.12.1-2]
    [Fact]
    public async Task Reauthentication_WithAWrongProof_DisconnectsNotAuthorized()
    {
        var client = await LogInAsync();
        var scram = new ScramClient(UserName, "wrong");
        client.Send(Auth(ReasonCode.ReAuthenticate, scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, 2))));
        await Patience.UntilAsync(() => client.IsClosed, "the end of a connection that did not prove its device");
        AssertDisconnected(client, ReasonCode.NotAuthorized);
    }

    [Theory]
    [InlineData("e&p")]
    [InlineData("d&q")]
    [InlineData("d")]
    public async Task Reauthentication_AsAnotherDevice_DisconnectsNotAuthorized(string userName)
    {
        _edge.Host.Registry.Add(new DeviceRegistration(new DeviceId("p", "e"), Secret, IsEnabled: true, _edge.Time.GetUtcNow()));
        var client = await LogInAsync();
        client.Send(Auth(ReasonCode.ReAuthenticate, new ScramClient(userName, Secret).First()));
        AssertDisconnected(client, ReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task Reauthentication_AfterTheSecretWasReset_IsJudgedByTheNewOne()
    {
        var client = await LogInAsync();
        var secret = (await _edge.Host.Engine.GetGrain<IDeviceGrain>(Device.GrainKey).ResetSecretAsync()).Value!.Secret!;
        var scram = new ScramClient(UserName, secret);
        client.Send(Auth(ReasonCode.ReAuthenticate, scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, 2))));
        await Patience.UntilAsync(() => client.Packets.Count == 3, "AUTH with success");
        Assert.Equal(ReasonCode.Success, client.Packets[2].Auth!.ReasonCode);
    }

    // Others that fail in the device's name must not end what it has opened.
    [Fact]
    public async Task Reauthentication_OfADeviceThatOthersFailAs_IsLookedAt()
    {
        var client = await LogInAsync();
        for (var i = 0; i < _edge.Settings.Limits.LoginFailuresPerAddressMax; i++)
        {
            EdgeClient.Open(_edge).Send(Connect("none"u8.ToArray()));
        }

        var scram = new ScramClient(UserName, Secret);
        client.Send(Auth(ReasonCode.ReAuthenticate, scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, 2))));
        await Patience.UntilAsync(() => client.Packets.Count == 3, "AUTH with success");
        Assert.True(client.Owner.IsOpen);
    }

    // [MQTT-3.15.2-1], [MQTT-4.12.0-3], [MQTT-4.12.1-1]
    [Theory]
    [InlineData("F0 < 18 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 00 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 19 < 15 ['SCRAM-SHA-1'] 16 [ 'x' ] > >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 19 00 >", ReasonCode.ProtocolError)]
    [InlineData("F0 < 19 < 15 ['SCRAM-SHA-256'] 16 [ 'x' ] > >", ReasonCode.NotAuthorized)]
    public async Task Auth_ThatHasNoPlaceOnAnOpenConnection_DisconnectsWithItsReason(string packet, ReasonCode reason)
    {
        var client = await LogInAsync();
        client.Send(Notation.Bytes(packet));
        AssertDisconnected(client, reason);
    }

    [Fact]
    public async Task Reauthentication_ThatBeginsInTheMiddleOfAnother_IsAProtocolError()
    {
        var client = await LogInAsync();
        var first = new ScramClient(UserName, Secret).First();
        client.Send(Auth(ReasonCode.ReAuthenticate, first));
        client.Send(Auth(ReasonCode.ReAuthenticate, first));
        AssertDisconnected(client, ReasonCode.ProtocolError);
    }

    [Theory]
    [InlineData(ReasonCode.ReAuthenticate)]
    [InlineData(ReasonCode.ContinueAuthentication)]
    public async Task Auth_WhileTheProofIsBeingJudged_IsAProtocolError(ReasonCode code)
    {
        await using var edge = NewEdge(followsSessions: false);
        var client = await LogInAsync(edge);
        using var grain = HeldGrain.Of(edge);
        await SendProofAsync(client);
        client.Send(Auth(code, "x"u8.ToArray()));
        AssertDisconnected(client, ReasonCode.ProtocolError);
        grain.LetGo();
    }

    [Fact]
    public async Task Reauthentication_AtAGrainThatHasForgottenTheConnection_AttachesItAgain()
    {
        await using var edge = NewEdge(followsSessions: false);
        var client = await LogInAsync(edge);
        using var grain = HeldGrain.Of(edge);
        await SendProofAsync(client);
        Assert.Equal(2, client.Packets.Count);
        grain.LetGo();
        await Patience.UntilAsync(() => client.Packets.Count == 3, "AUTH with success");
        Assert.Equal(ReasonCode.Success, client.Packets[2].Auth!.ReasonCode);
        Assert.True((await edge.Host.Engine.GetGrain<IDeviceGrain>(Device.GrainKey).GetAsync()).Value!.Connection!.IsOnline);
    }

    // A fault that is ours is none of the client's: it is told to come again.
    [Fact]
    public async Task Reauthentication_ThatCanNotBeJudged_DisconnectsAsBusy()
    {
        await using var edge = NewEdge(followsSessions: false);
        var client = await LogInAsync(edge);
        using var grain = HeldGrain.Of(edge);
        await SendProofAsync(client);
        grain.Break();
        await Patience.UntilAsync(() => client.IsClosed, "the end of what can not be judged");
        AssertDisconnected(client, ReasonCode.ServerBusy);
    }

    // [MQTT-4.12.0-7]
    [Theory]
    [InlineData(ReasonCode.ReAuthenticate)]
    [InlineData(ReasonCode.ContinueAuthentication)]
    public async Task Auth_OfAClientThatNamedNoMethod_IsAProtocolError(ReasonCode code)
    {
        var client = await EdgeClient.ConnectAsync(_edge, "anybody");
        client.Send(Auth(code, new ScramClient(UserName, Secret).First()));
        AssertDisconnected(client, ReasonCode.ProtocolError);
    }

    private static Edge NewEdge(bool followsSessions = true)
    {
        var edge = new Edge(followsSessions);
        edge.Host.Registry.Add(new ProductView("p", "", IsEnabled: true, IsRegistrationOpen: false, edge.Time.GetUtcNow(), []));
        edge.Host.Registry.Add(new DeviceRegistration(Device, Secret, IsEnabled: true, edge.Time.GetUtcNow()));
        return edge;
    }

    private static async Task SendProofAsync(EdgeClient client)
    {
        var scram = new ScramClient(UserName, Secret);
        client.Send(Auth(ReasonCode.ReAuthenticate, scram.First()));
        await Patience.UntilAsync(() => client.Packets.Count == 2, "the challenge");
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client, 2))));
    }

    private static ConnectPacket Connect(byte[]? data) => new()
    {
        ClientId = "c",
        CleanStart = true,
        AuthenticationMethod = ScramClient.Method,
        AuthenticationData = data ?? default(ReadOnlyMemory<byte>?),
    };

    private static AuthPacket Auth(ReasonCode code, byte[]? data) => new()
    {
        ReasonCode = code,
        AuthenticationMethod = ScramClient.Method,
        AuthenticationData = data ?? default(ReadOnlyMemory<byte>?),
    };

    /// <summary>What the server says in its AUTH of that number.</summary>
    private static byte[] Challenge(EdgeClient client, int number = 1)
    {
        var auth = client.Packets[number - 1].Auth!;
        Assert.Equal((ReasonCode.ContinueAuthentication, ScramClient.Method), (auth.ReasonCode, auth.AuthenticationMethod));
        return auth.AuthenticationData!.Value.ToArray();
    }

    private static void AssertRefused(EdgeClient client, ReasonCode reason, int packets = 0)
    {
        Assert.True(client.IsClosed);
        Assert.Equal(reason, client.ConnAck.ReasonCode);
        Assert.Null(client.ConnAck.AuthenticationData);
        Assert.Equal(packets, client.Packets.Count);
    }

    private static void AssertDisconnected(EdgeClient client, ReasonCode reason)
    {
        Assert.True(client.IsClosed);
        Assert.Equal((PacketType.Disconnect, reason), (client.Packets[^1].Type, client.Packets[^1].Reason));
    }

    private static Task OpenAsync(EdgeClient client) => Patience.UntilAsync(() => client.Owner.IsOpen || client.IsClosed, "the end of the login");

    private string SaltOf(string userName, Edge? edge = null)
    {
        var client = EdgeClient.Open(edge ?? _edge);
        client.Send(Connect(new ScramClient(userName, Secret).First()));
        return Encoding.UTF8.GetString(Challenge(client)).Split(',')[1];
    }

    private async Task<EdgeClient> LogInAsync(Edge? edge = null)
    {
        var scram = new ScramClient(UserName, Secret);
        var client = EdgeClient.Open(edge ?? _edge);
        client.Send(Connect(scram.First()));
        client.Send(Auth(ReasonCode.ContinueAuthentication, scram.Final(Challenge(client))));
        await OpenAsync(client);
        Assert.True(client.Owner.IsOpen);
        return client;
    }
}
