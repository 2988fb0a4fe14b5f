using IotPlatform.Broadcasts;
using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Products;
using IotPlatform.Topics;
using Bad = IotPlatform.Unit.Tests.Contracts.BadContracts;

namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>The contracts obey their rules, and the check of that can fail.</summary>
public sealed class GrainContractTests
{
    public static TheoryData<string, Type> Faults() => new()
    {
        { "[GenerateSerializer]", typeof(Bad.NoSerializer) },
        { "[Alias]", typeof(Bad.NoAlias) },
        { "[Immutable]", typeof(Bad.NotImmutable) },
        { "sealed record", typeof(Bad.NotSealed) },
        { "sealed record", typeof(Bad.NoRecord) },
        { "readonly record struct", typeof(Bad.NotReadOnly) },
        { "[Id] on Other", typeof(Bad.OneIdMissing) },
        { "[Id(0)] twice", typeof(Bad.IdTwice) },
        { "lets Other be set", typeof(Bad.Settable) },
        { "holds Names", typeof(Bad.WithAList) },
        { "holds Payloads", typeof(Bad.WithAnArray) },
        { "holds Failure", typeof(Bad.WithAForeignType) },
        { "[GenerateSerializer]", typeof(Bad.EnumWithoutSerializer) },
        { "no sealed exception with [GenerateSerializer]", typeof(Bad.NoSerializerException) },
        { "no sealed exception with [GenerateSerializer]", typeof(Bad.NotSealedException) },
        { "[Alias]", typeof(Bad.NoAliasException) },
        { "Code would not travel", typeof(Bad.PropertyException) },
        { "_code would not travel", typeof(Bad.FieldException) },
        { "[Alias]", typeof(Bad.INoAlias) },
        { "CallAsync has no [Alias]", typeof(Bad.INoMethodAlias) },
        { "two methods with the alias", typeof(Bad.IMethodAliasTwice) },
        { "(numbers)", typeof(Bad.IMutableParameter) },
        { "answers with", typeof(Bad.IMutableResult) },
        { "answers with", typeof(Bad.INoTask) },
    };

    public static TheoryData<string> Keys() =>
    [
        new DeviceId("abc", "def").GrainKey,
        IProductGrain.KeyOf("abc"),
        IBroadcastGrain.KeyOf("abc"),
        IBroadcastRelayGrain.KeyOf("abc", "0.3"),
        IGatewayDirectoryGrain.GrainKey,
        IRegistryReaderGrain.GrainKey,
        RetainedShards.KeyOf(0),
    ];

    [Fact]
    public void Contracts_ObeyTheRules() => Assert.Empty(GrainContract.FaultsOf(typeof(IDeviceGrain).Assembly.GetTypes()));

    [Fact]
    public void Check_SeesTheContracts()
    {
        var types = typeof(IDeviceGrain).Assembly.GetTypes();
        Assert.Contains(typeof(DeviceMessage), types);
        Assert.Contains(typeof(IGatewayObserver), types);
        Assert.Contains(typeof(StoreUnavailableException), types);
        Assert.Empty(GrainContract.FaultsOf([typeof(Bad.Good), typeof(Bad.GoodStruct), typeof(Bad.GoodException)]));
    }

    [Fact]
    public void Check_FindsAnAliasThatAnExceptionSharesWithAMessage() =>
        Assert.Contains("'twice'", Assert.Single(GrainContract.FaultsOf([typeof(Bad.OneOfTwo), typeof(Bad.TwiceException)])), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void Check_NamesTheRuleThatIsBroken(string fault, Type type) =>
        Assert.Contains(fault, Assert.Single(GrainContract.FaultsOf([type])), StringComparison.Ordinal);

    [Fact]
    public void Check_FindsAnAliasThatTwoTypesHave() =>
        Assert.Contains("'twice'", Assert.Single(GrainContract.FaultsOf([typeof(Bad.OneOfTwo), typeof(Bad.OtherOfTwo)])), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Keys))]
    public void GrainKey_IsNeverTakenForANumber(string key)
    {
        // The cluster's storage folds keys together that look like hexadecimal numbers or GUIDs.
        var word = key[..key.IndexOf('/', StringComparison.Ordinal)];
        Assert.Contains(word, static c => !char.IsAsciiHexDigit(c));
        Assert.True(char.IsAsciiLetterLower(word[0]));
        Assert.False(Guid.TryParse(key, out _));
    }

    [Theory]
    [InlineData("p", "d")]
    [InlineData("p-1_x", "a.b@c:d")]
    [InlineData("anonymous", "a%2Fb/c")]
    public void DeviceKey_NamesItsDevice(string productKey, string deviceName)
    {
        var device = new DeviceId(productKey, deviceName);
        Assert.Equal(device, DeviceId.FromGrainKey(device.GrainKey));
    }
}
