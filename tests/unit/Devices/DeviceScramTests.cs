using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Testkit;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Devices that prove that they have their secret, and do not show it.</summary>
public sealed class DeviceScramTests : IAsyncDisposable
{
    private readonly DeviceScenario _scenario = new();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Proof_OfTheDevicesSecret_LetsItIn_AndIsAnsweredWithOneOfTheServer()
    {
        _scenario.Register();
        var client = new ScramClient("d&p", DeviceScenario.Secret);
        var reply = await AttachAsync(ProofOf(client));
        Assert.Equal(AttachOutcome.Attached, reply.Outcome);
        Assert.True(client.Accepts(ScramExchange.ServerFinal(reply.ServerSignature!.Value)));
    }

    [Fact]
    public async Task Proof_OfAnotherSecret_IsBad_AndNothingIsSigned()
    {
        _scenario.Register();
        Assert.Equal(AttachReply.Refused(AttachOutcome.BadCredential), await AttachAsync(ProofOf(new ScramClient("d&p", "another"))));
        Assert.False((await _scenario.Grain.GetAsync()).Value!.Connection?.IsOnline ?? false);
    }

    [Fact]
    public async Task Proof_OfAnUnknownDevice_IsBad_AndRegistersNothing()
    {
        Assert.Equal(AttachReply.Refused(AttachOutcome.BadCredential), await AttachAsync(ProofOf(new ScramClient("d&p", DeviceScenario.Secret))));
        Assert.Null(_scenario.Host.Registry[DeviceScenario.Device]);
    }

    [Fact]
    public async Task Proof_ThatIsMissing_IsBad()
    {
        _scenario.Register();
        Assert.Equal(AttachOutcome.BadCredential, (await AttachAsync(proof: null)).Outcome);
    }

    [Fact]
    public async Task Proof_OfADisabledDevice_IsRefused_AndAWrongOneDoesNotTell()
    {
        _scenario.Register(isEnabled: false);
        Assert.Equal(AttachReply.Refused(AttachOutcome.Disabled), await AttachAsync(ProofOf(new ScramClient("d&p", DeviceScenario.Secret))));
        Assert.Equal(AttachReply.Refused(AttachOutcome.BadCredential), await AttachAsync(ProofOf(new ScramClient("d&p", "wrong")), connectionId: 2));
    }

    [Theory]
    [InlineData(DeviceScenario.Secret, AttachOutcome.Attached)]
    [InlineData("wrong", AttachOutcome.BadCredential)]
    public async Task Secret_ThatIsShownBesides_MustBeRightToo(string secret, AttachOutcome expected)
    {
        _scenario.Register();
        Assert.Equal(expected, (await AttachAsync(ProofOf(new ScramClient("d&p", DeviceScenario.Secret)), secret: secret)).Outcome);
    }

    [Fact]
    public async Task Proof_AfterAReset_MustBeOfTheNewSecret()
    {
        _scenario.Register();
        Assert.Equal(AttachOutcome.Attached, (await AttachAsync(ProofOf(new ScramClient("d&p", DeviceScenario.Secret)))).Outcome);
        var secret = (await _scenario.Grain.ResetSecretAsync()).Value!.Secret!;
        Assert.Equal(AttachOutcome.BadCredential, (await AttachAsync(ProofOf(new ScramClient("d&p", DeviceScenario.Secret)), connectionId: 2)).Outcome);
        Assert.Equal(AttachOutcome.Attached, (await AttachAsync(ProofOf(new ScramClient("d&p", secret)), connectionId: 3)).Outcome);
    }

    [Fact]
    public async Task Proof_OnAConnectionThatIsAttached_IsJudgedAgain_AndChangesNothing()
    {
        _scenario.Register();
        var order = (await _scenario.AttachAsync()).Order;
        var client = new ScramClient("d&p", DeviceScenario.Secret);
        var reply = await AttachAsync(ProofOf(client), order: order);
        Assert.Equal((AttachOutcome.Attached, order), (reply.Outcome, reply.Order));
        Assert.True(client.Accepts(ScramExchange.ServerFinal(reply.ServerSignature!.Value)));
        Assert.Empty(_scenario.Gateway.Closes);

        Assert.Equal(AttachOutcome.BadCredential, (await AttachAsync(ProofOf(new ScramClient("d&p", "wrong")), order: order)).Outcome);
        Assert.True((await _scenario.ConnectionAsync())!.IsOnline);
    }

    [Fact]
    public async Task Credential_OfAKindThatTheGrainDoesNotKnow_IsBad()
    {
        _scenario.Register();
        Assert.Equal(AttachOutcome.BadCredential, (await _scenario.AttachAsync(kind: (CredentialKind)99)).Outcome);
    }

    private static ScramProof ProofOf(ScramClient client)
    {
        Assert.True(ScramClientFirst.TryParse(client.First(), out var first, out _));
        var exchange = new ScramExchange(first!, ScramExchange.NewNonce(), ScramExchange.SaltOf(first!.UserName), ScramExchange.Iterations);
        Assert.True(exchange.TryFinish(client.Final(exchange.ServerFirst), out var proof, out _));
        return proof;
    }

    private Task<AttachReply> AttachAsync(ScramProof? proof, long connectionId = 1, string secret = "", long order = 0) =>
        _scenario.Grain.AttachAsync(
            new AttachRequest(
                DeviceScenario.Connection(connectionId), _scenario.Host.Observer, new DeviceCredential(CredentialKind.Scram, secret, proof), DeviceProtocol.Mqtt500,
                "10.0.0.1:1000", 100, order, Generation: 0, Will: null, Session: null),
            CancellationToken.None);
}
