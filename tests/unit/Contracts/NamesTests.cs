namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>How things may be named.</summary>
public sealed class NamesTests
{
    // Half of a surrogate pair is no argument of a test: it would not survive the way through the metadata.
    [Fact]
    public void DisplayName_IsTextThatEveryStoreTakes()
    {
        string[] right = ["", "Lamp, upper floor: \u00e9\u4e2d\t", "\ud83d\udca1", "\ud83d\udca1\ud83d\udca1"];
        string[] wrong = ["a\0b", "\ud83d", "\udca1", "\udca1\ud83d", "\ud83d\ud83d\udca1", "\ud83da"];
        Assert.All(right, static name => Assert.True(Names.IsDisplayName(name)));
        Assert.All(wrong, static name => Assert.False(Names.IsDisplayName(name)));
    }

    [Fact]
    public void DisplayName_HasABound()
    {
        Assert.True(Names.IsDisplayName(new string('x', Names.DisplayNameLengthMax)));
        Assert.False(Names.IsDisplayName(new string('x', Names.DisplayNameLengthMax + 1)));
    }

    [Fact]
    public void TagKey_IsOneWord()
    {
        string[] right = ["a", "ring", "Fw.version_1-2", new('x', 64)];
        string?[] wrong = [null, "", " ", "a b", "a=b", "a,b", "a/b", "a:b", "\u00e4", "a\0", new('x', 65)];
        Assert.All(right, static key => Assert.True(Names.IsTagKey(key)));
        Assert.All(wrong, static key => Assert.False(Names.IsTagKey(key)));
    }

    [Fact]
    public void TagValue_IsTextOfBoundedLength()
    {
        string[] right = ["", "canary", "a=b, c", "\ud83d\udca1\n", new('x', 128)];
        string[] wrong = ["a\0b", "\ud83d", new('x', 129)];
        Assert.All(right, static value => Assert.True(Names.IsTagValue(value)));
        Assert.All(wrong, static value => Assert.False(Names.IsTagValue(value)));
    }
}
