import { describeVersions } from '../../contract/library-tests';

describeVersions('26');
