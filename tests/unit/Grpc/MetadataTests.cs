using IotPlatform.Grpc;
using IotPlatform.Grpc.Protocol;
using Microsoft.AspNetCore.Http;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class MetadataTests
{
    [Theory]
    [InlineData("grpc-status")]
    [InlineData("content-type")]
    [InlineData("te")]
    [InlineData("Upper")]
    [InlineData("with space")]
    [InlineData(":path")]
    [InlineData("")]
    [InlineData("text-bin")]
    public void Metadata_UnderANameThatIsNotForText_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new Metadata().Add(name, "value"));

    [Theory]
    [InlineData("ü")]
    [InlineData("a\nb")]
    [InlineData("\0")]
    public void Metadata_OfTextThatIsNotAscii_IsRefused(string value) =>
        Assert.Throws<ArgumentException>(() => new Metadata().Add("name", value));

    [Fact]
    public void Metadata_OfBytes_IsUnpaddedBase64()
    {
        var metadata = new Metadata();
        metadata.Add("trace-bin", [1, 2, 3, 4]);

        Assert.Equal(new KeyValuePair<string, string>("trace-bin", "AQIDBA"), Assert.Single(metadata));
    }

    [Fact]
    public void Metadata_PastItsBound_IsRefused()
    {
        var metadata = new Metadata();
        for (var i = 0; i < Metadata.EntriesMax; i++)
        {
            metadata.Add("name", "value");
        }

        Assert.Throws<InvalidOperationException>(() => metadata.Add("name", "value"));
    }

    [Theory]
    [InlineData("AQIDBA==")]
    [InlineData("AQIDBA")]
    public void RequestMetadata_OfBytes_TakesBothFormsOfBase64(string value)
    {
        Assert.True(Request("trace-bin", value).TryGetBytes("trace-bin", out var bytes));
        Assert.Equal([1, 2, 3, 4], bytes);
    }

    [Fact]
    public void RequestMetadata_OfSeveralBytesInOneField_GivesThemInOrder() =>
        Assert.Equal([[1], [2, 3]], Request("trace-bin", "AQ,AgM=").GetAllBytes("trace-bin"));

    [Fact]
    public void RequestMetadata_OfBrokenBase64_IsAbsent() => Assert.False(Request("trace-bin", "*").TryGetBytes("trace-bin", out _));

    [Theory]
    [InlineData("grpc-timeout")]
    [InlineData("content-type")]
    public void RequestMetadata_OfTheProtocolItself_IsHidden(string name) => Assert.False(Request(name, "1S").TryGet(name, out _));

    private static RequestMetadata Request(string name, string value) => new(new HeaderDictionary { [name] = value });
}
