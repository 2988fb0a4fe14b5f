using System.Text;
using IotPlatform.Compat.Scram;
using IotPlatform.Devices;
using IotPlatform.Testkit;

namespace IotPlatform.Unit.Tests.Compat.Scram;

/// <summary>The server's side of SCRAM-SHA-256, message by message.</summary>
public sealed class ScramExchangeTests
{
    // RFC 7677 section 3.
    private const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string WithoutProof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string Proof = "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    private const string Secret = "pencil";

    private static readonly byte[] Salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");

    [Fact]
    public void Exchange_OfTheStandardsExample_GoesAsItIsWrittenThere()
    {
        var exchange = Begin(ClientFirst);
        Assert.Equal(ServerFirst, Text(exchange.ServerFirst));
        Assert.True(exchange.TryFinish(Utf8($"{WithoutProof},{Proof}"), out var proof, out _));
        var keys = ScramKeys.Of(Secret, proof, known: null);
        Assert.True(keys.AreProvenBy(proof));
        Assert.Equal(ServerFinal, Text(ScramExchange.ServerFinal(keys.Sign(proof))));
    }

    [Fact]
    public void Client_OfTheTests_IsTheStandardsToo()
    {
        var client = new ScramClient("user", Secret);
        Assert.Equal(ClientFirst, Text(client.First()));
        Assert.Equal($"{WithoutProof},{Proof}", Text(client.Final(Utf8(ServerFirst))));
        Assert.True(client.Accepts(Utf8(ServerFinal)));
        Assert.False(client.Accepts(Utf8(ServerFinal.Replace('6', '7'))));
    }

    [Theory]
    [InlineData("n,,n=d&p,r=abc", "d&p", "n,,")]
    [InlineData("y,,n=d&p,r=abc", "d&p", "y,,")]
    [InlineData("n,a=d&p,n=d&p,r=abc", "d&p", "n,a=d&p,")]
    [InlineData("n,,n=a=2Cb=3Dc=3D2C,r=abc", "a,b=c=2C", "n,,")]
    [InlineData("n,a=a=2Cb,n=a=2Cb,r=abc", "a,b", "n,a=a=2Cb,")]
    [InlineData("n,,n=d&p,r=!~+/=,x=1,Y=a=b", "d&p", "n,,")]
    [InlineData("n,,n=gerät,r=abc", "gerät", "n,,")]
    public void ClientFirst_OfEveryForm_IsRead(string message, string userName, string header)
    {
        Assert.True(ScramClientFirst.TryParse(Utf8(message), out var first, out var fault));
        Assert.Equal(ScramFault.None, fault);
        Assert.Equal((userName, header, message), (first!.UserName, first.Gs2Header, first.Gs2Header + first.Bare));
    }

    [Theory]
    [InlineData("", nameof(ScramFault.Malformed))]
    [InlineData("n", nameof(ScramFault.Malformed))]
    [InlineData("n,", nameof(ScramFault.Malformed))]
    [InlineData("n,,", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d,", nameof(ScramFault.Malformed))]
    [InlineData("x,,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("nn,,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("N,,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData(",,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("n,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("n,b=d,n=d,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("n,,r=abc,n=d", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d,r=abc,", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d,r=abc,x", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d,r=abc,x=", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d,r=abc,1=a", nameof(ScramFault.Malformed))]
    [InlineData("n,,n=d\0,r=abc", nameof(ScramFault.Malformed))]
    [InlineData("p=tls-unique,,n=d,r=abc", nameof(ScramFault.ChannelBindingNotSupported))]
    [InlineData("p=", nameof(ScramFault.ChannelBindingNotSupported))]
    [InlineData("n,,m=x,n=d,r=abc", nameof(ScramFault.ExtensionNotSupported))]
    [InlineData("n,,n=d,r=abc,x=1,m=x", nameof(ScramFault.ExtensionNotSupported))]
    [InlineData("n,a=other,n=d,r=abc", nameof(ScramFault.ForeignAuthorization))]
    [InlineData("n,a=,n=d,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,,n=,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,,n=d=,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,,n=d=2c,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,,n=d=41,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,a=d=2,n=d,r=abc", nameof(ScramFault.BadName))]
    [InlineData("n,,n=d,r=", nameof(ScramFault.BadNonce))]
    [InlineData("n,,n=d,r=a b", nameof(ScramFault.BadNonce))]
    [InlineData("n,,n=d,r=abcé", nameof(ScramFault.BadNonce))]
    public void ClientFirst_ThatIsWrong_IsRefusedForWhatIsWrongWithIt(string message, string fault)
    {
        Assert.False(ScramClientFirst.TryParse(Utf8(message), out var first, out var found));
        Assert.Null(first);
        Assert.Equal(fault, found.ToString());
    }

    [Fact]
    public void ClientFirst_ThatIsNotUtf8_IsRefused()
    {
        Assert.False(ScramClientFirst.TryParse([.. Utf8("n,,n="), 0xC0, 0x80, .. Utf8(",r=abc")], out _, out var fault));
        Assert.Equal(ScramFault.Malformed, fault);
    }

    [Fact]
    public void ClientFirst_AtItsBounds_IsRead_AndBeyondThemRefused()
    {
        var longest = new string('r', ScramClientFirst.NonceLengthMax);
        Assert.True(ScramClientFirst.TryParse(Utf8($"n,,n=d,r={longest}"), out _, out _));
        Assert.False(ScramClientFirst.TryParse(Utf8($"n,,n=d,r={longest}r"), out _, out var fault));
        Assert.Equal(ScramFault.BadNonce, fault);

        const string Start = "n,,n=d,r=abc,x=";
        var filling = new string('x', ScramClientFirst.BytesMax - Start.Length);
        Assert.True(ScramClientFirst.TryParse(Utf8(Start + filling), out _, out _));
        Assert.False(ScramClientFirst.TryParse(Utf8(Start + filling + 'x'), out _, out fault));
        Assert.Equal(ScramFault.TooLong, fault);
    }

    // However it is cut off, it is refused or means something else, and never throws.
    [Fact]
    public void Messages_CutOffAnywhere_AreRefused()
    {
        var final = $"{WithoutProof},{Proof}";
        for (var length = 0; length < final.Length; length++)
        {
            Assert.False(Begin(ClientFirst).TryFinish(Utf8(final[..length]), out _, out var fault));
            Assert.NotEqual(ScramFault.None, fault);
        }

        for (var length = 0; length < "n,,n=user,r=r".Length; length++)
        {
            Assert.False(ScramClientFirst.TryParse(Utf8(ClientFirst[..length]), out _, out var fault));
            Assert.NotEqual(ScramFault.None, fault);
        }
    }

    [Theory]
    [InlineData("", nameof(ScramFault.Malformed))]
    [InlineData("c=biws", nameof(ScramFault.Malformed))]
    [InlineData(WithoutProof, nameof(ScramFault.Malformed))]
    [InlineData(WithoutProof + ",", nameof(ScramFault.Malformed))]
    [InlineData(WithoutProof + "," + Proof + ",", nameof(ScramFault.Malformed))]
    [InlineData(WithoutProof + "," + Proof + ",x=1", nameof(ScramFault.Malformed))]
    [InlineData(WithoutProof + ",1=x," + Proof, nameof(ScramFault.Malformed))]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,c=biws," + Proof, nameof(ScramFault.Malformed))]
    [InlineData("c=biws," + Proof, nameof(ScramFault.Malformed))]
    [InlineData("m=x," + WithoutProof + "," + Proof, nameof(ScramFault.ExtensionNotSupported))]
    [InlineData(WithoutProof + ",m=x," + Proof, nameof(ScramFault.ExtensionNotSupported))]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," + Proof, nameof(ScramFault.ChannelBindingMismatch))] // y,,
    [InlineData("c=biws=,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0," + Proof, nameof(ScramFault.ChannelBindingMismatch))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO," + Proof, nameof(ScramFault.NonceMismatch))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k1," + Proof, nameof(ScramFault.NonceMismatch))]
    [InlineData(WithoutProof + ",p=dHzb", nameof(ScramFault.BadProof))]
    [InlineData(WithoutProof + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ", nameof(ScramFault.BadProof))]
    [InlineData(WithoutProof + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQAAA==", nameof(ScramFault.BadProof))]
    [InlineData(WithoutProof + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7A dVQ=", nameof(ScramFault.BadProof))]
    [InlineData(WithoutProof + ",p=!HzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", nameof(ScramFault.BadProof))]
    public void ClientFinal_ThatIsWrong_IsRefusedForWhatIsWrongWithIt(string message, string fault)
    {
        Assert.False(Begin(ClientFirst).TryFinish(Utf8(message), out var proof, out var found));
        Assert.Null(proof);
        Assert.Equal(fault, found.ToString());
    }

    [Fact]
    public void ClientFinal_ThatIsTooLong_IsRefused()
    {
        Assert.False(Begin(ClientFirst).TryFinish(Utf8($"{WithoutProof},x={new string('x', ScramClientFirst.BytesMax)},{Proof}"), out _, out var fault));
        Assert.Equal(ScramFault.TooLong, fault);
    }

    [Theory]
    [InlineData("n,,")]
    [InlineData("y,,")]
    [InlineData("n,a=gerät=2C1,")]
    public void Exchange_WithEveryHeader_ProvesTheSecretAndNoOther(string header)
    {
        var client = new ScramClient("gerät,1", Secret, header);
        var exchange = Begin(Text(client.First()));
        Assert.True(exchange.TryFinish(client.Final(exchange.ServerFirst), out var proof, out var fault), $"{fault}");
        var keys = ScramKeys.Of(Secret, proof, known: null);
        Assert.True(keys.AreProvenBy(proof));
        Assert.True(client.Accepts(ScramExchange.ServerFinal(keys.Sign(proof))));
        Assert.False(ScramKeys.Of("Pencil", proof, known: null).AreProvenBy(proof));
    }

    // What nobody understands is still signed.
    [Fact]
    public void Extension_InTheClientsEnd_IsPartOfWhatIsProven()
    {
        var exchange = Begin(ClientFirst);
        Assert.True(exchange.TryFinish(Utf8($"{WithoutProof},x=1,{Proof}"), out var proof, out _));
        Assert.Equal($"n=user,r=rOprNGfwEbeRWgbNEkqO,{ServerFirst},{WithoutProof},x=1", Text(proof.AuthMessage.ToArray()));
        Assert.False(ScramKeys.Of(Secret, proof, known: null).AreProvenBy(proof));
    }

    [Fact]
    public void Proof_ThatIsWrongInAnyBit_IsNone()
    {
        Assert.True(Begin(ClientFirst).TryFinish(Utf8($"{WithoutProof},{Proof}"), out var proof, out _));
        var keys = ScramKeys.Of(Secret, proof, known: null);
        for (var bit = 0; bit < 8 * ScramKeys.Bytes; bit++)
        {
            var wrong = proof.ClientProof.ToArray();
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(keys.AreProvenBy(proof with { ClientProof = wrong }));
        }

        Assert.False(keys.AreProvenBy(proof with { ClientProof = proof.ClientProof[..^1] }));
        Assert.False(keys.AreProvenBy(proof with { AuthMessage = proof.AuthMessage[..^1] }));
    }

    [Fact]
    public void Keys_AreDerivedOnce_UntilSomethingOfThemChanges()
    {
        Assert.True(Begin(ClientFirst).TryFinish(Utf8($"{WithoutProof},{Proof}"), out var proof, out _));
        var keys = ScramKeys.Of(Secret, proof, known: null);
        Assert.Same(keys, ScramKeys.Of(Secret, proof with { Salt = Salt.ToArray() }, keys));
        Assert.NotSame(keys, ScramKeys.Of("Pencil", proof, keys));
        Assert.NotSame(keys, ScramKeys.Of(Secret, proof with { Iterations = 4097 }, keys));
        Assert.NotSame(keys, ScramKeys.Of(Secret, proof with { Salt = Salt.AsMemory(1) }, keys));
    }

    [Fact]
    public void Salt_OfAName_IsAlwaysTheSame_AndNoOthers()
    {
        Assert.Equal(ScramExchange.SaltOf("d&p"), ScramExchange.SaltOf("d&p"));
        Assert.NotEqual(ScramExchange.SaltOf("d&p"), ScramExchange.SaltOf("e&p"));
        Assert.Equal(16, ScramExchange.SaltOf("d&p").Length);
    }

    [Fact]
    public void Nonce_OfTheServer_IsNewEachTime_AndOneThatClientsTake()
    {
        var nonces = Enumerable.Range(0, 100).Select(static _ => ScramExchange.NewNonce()).ToArray();
        Assert.Equal(nonces.Length, nonces.Distinct().Count());
        Assert.All(nonces, static nonce => Assert.True(ScramText.IsNonce(nonce, 24), nonce));
    }

    private static ScramExchange Begin(string clientFirst)
    {
        Assert.True(ScramClientFirst.TryParse(Utf8(clientFirst), out var first, out var fault), $"{fault}");
        return new ScramExchange(first!, ServerNonce, Salt, 4096);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
